public import CopurCore
public import Foundation

/// Processes on machines that ssh reaches without a question.
public struct SSHLauncher: Launcher {
  /// The launcher as scenarios set it.
  public struct Settings: LauncherKind {
    public static var entry: KindEntry<any LauncherKind> {
      KindEntry("ssh", "Machines that ssh reaches without a question.", Settings())
    }

    public static var settings: [Setting<Settings>] { MachineSettings.settings.map { $0.at(\.machines) } }

    /// The machines, at least one.
    public var machines: MachineSettings

    /// - Parameter machines: At least one.
    public init(_ machines: MachineSettings = MachineSettings()) { self.machines = machines }

    public var kind: String { "ssh" }

    public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
      guard !machines.hosts.isEmpty else {
        throw SettingError("the launcher ssh has the key \"hosts\" (actual: it is missing)", at: "hosts")
      }
      try machines.validate()
    }

    public func launcher() throws -> any Launcher {
      SSHLauncher(
        hosts: try LaunchHost.list(machines.hosts), sharedFolder: try machines.folder(), program: machines.program)
    }
  }

  public let hosts: [LaunchHost]
  public let sharedFolder: URL?
  public let program: String?

  /// - Parameters:
  ///   - hosts: At least one.
  ///   - sharedFolder: A folder that all of them and this machine see under the same path; nil: what processes read is copied.
  ///   - program: The program's file on the hosts; nil: where it is on this machine.
  public init(hosts: [LaunchHost], sharedFolder: URL? = nil, program: String? = nil) {
    self.hosts = hosts
    self.sharedFolder = sharedFolder
    self.program = program
  }

  public var name: String { "ssh" }

  public func command(_ words: [String], on host: LaunchHost) -> [String] {
    // The other side's shell reads the command again, and has none of this side's variables. The folder may not be there.
    // A host that does not answer is given up within a minute, be it at the start or in the middle.
    [
      "ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=30", "-o", "ServerAliveInterval=15", host.name, "--",
      "cd", ShellWord.quoted(FileManager.default.currentDirectoryPath), "2>/dev/null;", "exec", "env",
    ]
      + (Self.variables + words).map(ShellWord.quoted)
  }

  /// The environment variables that decide where data is found and which kernels compute, as `NAME=VALUE`.
  private static var variables: [String] {
    ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("COPUR_") || $0.key.hasPrefix("OPENBLAS_") }
      .map { "\($0.key)=\($0.value)" }.sorted()
  }
}
