public import CopurCore

/// The state of a fusion center at one moment.
public struct FusionCenterStatus: Hashable, Sendable {
  /// The phases of the service's life.
  public enum Phase: Hashable, Sendable {
    /// New sessions, agents and rounds are taken.
    case serving
    /// Rounds in flight are finished, and nothing new is taken.
    case draining
    /// The journal has failed; the reason.
    case failed(String)
    /// It is over.
    case stopped
  }

  /// A session that waits for its agents: no clock of its rounds runs.
  public struct WaitingSession: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The agents that it waits for.
    public var agents: [AgentID]
    /// The time that it has waited since the last agent came.
    public var waited: Duration
    /// The longest time that it waits without another agent coming.
    public var longest: Duration

    /// - Parameter agents: Those that it waits for.
    public init(name: String, agents: [AgentID], waited: Duration, longest: Duration) {
      self.name = name
      self.agents = agents
      self.waited = waited
      self.longest = longest
    }
  }

  /// The phase that the service is in.
  public var phase: Phase
  /// The number of open Contribute streams of each agent of the roster.
  public var streams: [Int]
  /// Rounds that have a block and wait for the others.
  public var openRounds: Int
  /// Blocks that wait for the journal and rounds that wait for their verdict.
  public var backlog: Int
  /// The subjects of the alarms that stand.
  public var alarms: Set<DriftMonitor.Subject> = []
  /// Whether agents' suspicion is watched by limits that training found; without them nothing raises an agent's alarm.
  public var watchesAgents = false

  /// Of the open rounds those whose clock does not run: too few agents have spoken, or the session waits.
  public var unstartedRounds: Int
  /// Sessions that wait for their agents.
  public var waitingSessions: [WaitingSession]

  /// - Parameter streams: One number an agent, in the roster's order.
  public init(
    phase: Phase, streams: [Int], openRounds: Int, backlog: Int = 0, unstartedRounds: Int = 0,
    waitingSessions: [WaitingSession] = []
  ) {
    self.unstartedRounds = unstartedRounds
    self.waitingSessions = waitingSessions
    self.backlog = backlog
    self.phase = phase
    self.streams = streams
    self.openRounds = openRounds
  }
}
