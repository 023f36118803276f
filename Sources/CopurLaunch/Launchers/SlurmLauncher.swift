public import CopurCore
public import Foundation
internal import Subprocess
internal import SystemPackage

/// Processes as steps of a Slurm allocation that this process is in.
public struct SlurmLauncher: Launcher {
  /// The launcher as scenarios set it.
  public struct Settings: LauncherKind {
    public static var entry: KindEntry<any LauncherKind> {
      KindEntry("slurm", "The nodes of the Slurm allocation that this process is in.", Settings())
    }

    public static var settings: [Setting<Settings>] { MachineSettings.settings.map { $0.at(\.machines) } }

    /// Nodes of the allocation; none for all of it.
    public var machines: MachineSettings

    /// - Parameter machines: Nodes of the allocation; none for all of it.
    public init(_ machines: MachineSettings = MachineSettings()) { self.machines = machines }

    public var kind: String { "slurm" }

    public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
      try machines.validate()
    }

    public func launcher() async throws -> any Launcher {
      try await SlurmLauncher.current(
        hosts: machines.hosts.isEmpty ? nil : try LaunchHost.list(machines.hosts),
        sharedFolder: try machines.folder(), program: machines.program)
    }
  }

  public let hosts: [LaunchHost]
  public let sharedFolder: URL?
  public let program: String?

  /// - Parameters:
  ///   - hosts: Nodes of the allocation, at least one.
  ///   - sharedFolder: A folder that all nodes see under the same path.
  ///   - program: The program's file on the nodes; nil: where it is on this one.
  init(hosts: [LaunchHost], sharedFolder: URL, program: String?) {
    self.hosts = hosts
    self.sharedFolder = sharedFolder
    self.program = program
  }

  public var name: String { "slurm" }

  public func command(_ words: [String], on host: LaunchHost) -> [String] {
    // Steps share a node's cores and memory with one another, so that there can be more of them than cores. Lines arrive as
    // they are printed.
    [
      "srun", "--quiet", "--overlap", "--ntasks=1", "--nodes=1", "--nodelist=\(host.name)", "--mem=0", "--unbuffered",
      "--kill-on-bad-exit=1", "--",
    ] + words
  }

  /// The launcher of the allocation that this process is in.
  ///
  /// - Parameters:
  ///   - hosts: Some of the nodes; nil for all of the allocation.
  ///   - sharedFolder: A folder that all nodes see under the same path; nil: the folder of the job, or this one.
  ///   - environment: Has SLURM_JOB_NODELIST in an allocation.
  /// - Throws: ``CopurError`` of code `.configuration` if there is no allocation, or no `scontrol` that knows its nodes.
  public static func current(
    hosts: [LaunchHost]? = nil, sharedFolder: URL? = nil, program: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) async throws -> SlurmLauncher {
    guard let nodes = environment["SLURM_JOB_NODELIST"], environment["SLURM_JOB_ID"] != nil else {
      throw CopurError(
        .configuration,
        "the launcher slurm starts processes in the allocation that it runs in, and there is none: "
          + "`salloc --nodes=3 copur run …`, or the same command in a script of sbatch (missing: SLURM_JOB_NODELIST)")
    }
    let names: String
    do {
      let result = try await Subprocess.run(
        .name("scontrol"), arguments: ["show", "hostnames", nodes], output: .string(limit: 1 << 20), error: .discarded)
      guard result.terminationStatus.isSuccess else {
        throw CopurError(.configuration, "it ended with \(result.terminationStatus)")
      }
      names = result.standardOutput
    } catch {
      throw CopurError(
        .configuration, "`scontrol show hostnames \(nodes)` does not tell the nodes of the allocation", cause: error)
    }
    let known = try LaunchHost.list(names.split(whereSeparator: \.isNewline).map(String.init))
    if let stranger = hosts?.first(where: { host in !known.contains { $0.name == host.name } }) {
      throw CopurError(
        .invalidArgument,
        "a host is a node of the allocation, \(known.map(\.name).joined(separator: ", ")) (actual: \"\(stranger.name)\")"
      )
    }
    let folder =
      sharedFolder ?? URL(filePath: environment["SLURM_SUBMIT_DIR"] ?? FileManager.default.currentDirectoryPath)
    return SlurmLauncher(hosts: hosts ?? known, sharedFolder: folder, program: program)
  }
}
