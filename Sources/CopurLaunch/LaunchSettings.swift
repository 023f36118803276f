internal import CopurCore
internal import Foundation

/// The machines of a simulation's processes, and the number of agents that each hosts: the `launch:` section of a scenario,
/// which options of the command line override.
///
/// It is about machines, so it is no part of what is measured: predictions are the same whatever it says.
public struct LaunchSettings: Hashable, Sendable {
  /// A kind of launcher.
  public enum Kind: String, CaseIterable, Sendable {
    case local, slurm, ssh
  }

  /// The launcher.
  public var kind = Kind.local
  /// The machines, as ``LaunchHost`` reads them; nil: this one, or the nodes of the allocation.
  public var hosts: [String]?
  /// The folder that all machines share; nil: see each launcher.
  public var sharedFolder: String?
  /// The program's file on the machines; nil: where it is on this one.
  public var program: String?
  /// The number of agents that a process hosts; nil: as ``agentsInProcess(of:hosts:)`` says.
  public var agentsPerProcess: Int?

  /// Every process on this machine.
  public init() {}

  /// The most agents that have a process each if nothing else is said, which is nearest to real agents. With more of them
  /// processes host several: each costs its start and the memory of its data.
  public static let processesOfTheirOwn = 32
  /// The numbers of agents that a process may host.
  public static let agentsPerProcessRange = 1...10_000

  /// The number of agents that a process hosts: one, or with many agents as many as leave each machine two processes, since a
  /// process uses all of a machine's cores and reads all of the data.
  public func agentsInProcess(of agents: Int, hosts: Int) -> Int {
    if let agentsPerProcess { return agentsPerProcess }
    guard agents > Self.processesOfTheirOwn else { return 1 }
    let processes = 2 * hosts
    return min(Self.agentsPerProcessRange.upperBound, (agents + processes - 1) / processes)
  }

  /// The launcher.
  ///
  /// - Throws: ``CopurError`` if the settings do not fit each other, or there is no allocation of Slurm's.
  public func launcher() async throws -> any Launcher {
    let folder = sharedFolder.map { URL(filePath: $0).absoluteURL }
    if let folder {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
        throw CopurError(.missingInput, "\(folder.path): the folder that machines share is not there")
      }
    }
    switch kind {
    case .local:
      for (name, isGiven) in [
        ("hosts", hosts != nil), ("a shared folder", folder != nil), ("a program of theirs", program != nil),
      ] where isGiven {
        throw CopurError(.invalidArgument, "the launcher local has this machine alone: \(name) is for ssh and slurm")
      }
      return LocalLauncher()
    case .slurm:
      return try await SlurmLauncher.current(
        hosts: hosts.map { try LaunchHost.list($0) }, sharedFolder: folder, program: program)
    case .ssh:
      guard let hosts else {
        throw CopurError(.invalidArgument, "the launcher ssh needs hosts (actual: none)")
      }
      return SSHLauncher(hosts: try LaunchHost.list(hosts), sharedFolder: folder, program: program)
    }
  }
}
