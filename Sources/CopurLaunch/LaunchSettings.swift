/// The machines of a simulation's processes, and the number of agents that each hosts: the `launch:` section of a scenario,
/// which options of the command line override.
///
/// It is about machines, so it is no part of what is measured: predictions are the same whatever it says.
public struct LaunchSettings: Hashable, Sendable {
  /// The launcher with its settings.
  public var kind: any LauncherKind
  /// The number of agents that a process hosts; nil: as ``agentsInProcess(of:hosts:)`` says.
  public var agentsPerProcess: Int?

  /// - Parameters:
  ///   - kind: The launcher with its settings.
  ///   - agentsPerProcess: The number of agents that a process hosts; nil: as ``agentsInProcess(of:hosts:)`` says.
  public init(_ kind: some LauncherKind = LocalLauncher.Settings(), agentsPerProcess: Int? = nil) {
    self.kind = kind
    self.agentsPerProcess = agentsPerProcess
  }

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
  /// - Throws: As ``LauncherKind/launcher()``.
  public func launcher() async throws -> any Launcher { try await kind.launcher() }

  public static func == (one: LaunchSettings, other: LaunchSettings) -> Bool {
    AnyHashable(one.kind) == AnyHashable(other.kind) && one.agentsPerProcess == other.agentsPerProcess
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(AnyHashable(kind))
    hasher.combine(agentsPerProcess)
  }
}
