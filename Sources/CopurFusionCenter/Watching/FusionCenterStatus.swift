public import CopurCore

/// How a fusion center is at one moment.
public struct FusionCenterStatus: Hashable, Sendable {
  /// How far the service is in its life.
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

  /// How far the service is in its life.
  public var phase: Phase
  /// How many Contribute streams each agent of the roster has open.
  public var streams: [Int]
  /// Rounds that have a block and wait for the others.
  public var openRounds: Int
  /// Blocks that wait for the journal and rounds that wait for their verdict.
  public var backlog: Int
  /// What an alarm stands of.
  public var alarms: Set<DriftMonitor.Subject> = []

  /// - Parameter streams: One number an agent, in the roster's order.
  public init(phase: Phase, streams: [Int], openRounds: Int, backlog: Int = 0) {
    self.backlog = backlog
    self.phase = phase
    self.streams = streams
    self.openRounds = openRounds
  }
}
