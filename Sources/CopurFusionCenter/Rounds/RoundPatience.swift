internal import CopurCore

/// The patience of sessions with their agents, and of rounds with those that are gone or behind.
public struct RoundPatience: Hashable, Sendable {
  /// The time that a session waits for its agents after the last of them came; 0: not at all.
  public var sessionWait = Duration.seconds(60)
  /// The time that an agent without a stream is waited for, so that it can connect again; nil: as long as any other.
  public var reconnectGrace: Duration? = .seconds(2)
  /// The longest that a round goes on after its deadline for agents that are behind and deliver; 0: not at all.
  public var catchUp = Duration.seconds(10)
  /// The shortest deadline where it follows the agents' delays, the longest being the configured one; nil: it does not.
  public var shortestDeadline: Duration?

  /// The defaults.
  public init() {}

  /// Nobody is waited for beyond a deadline, and every agent until then.
  public static var none: RoundPatience {
    var patience = RoundPatience()
    patience.sessionWait = .zero
    patience.reconnectGrace = nil
    patience.catchUp = .zero
    return patience
  }

  /// - Throws: ``CopurError`` of code `.configuration` if a time is negative.
  func check() throws {
    for (name, time) in [
      ("a session's wait", sessionWait), ("the grace for reconnecting", reconnectGrace ?? .zero),
      ("the time to catch up", catchUp),
    ] where time < .zero {
      throw CopurError(.configuration, "\(name) is at least 0 (actual: \(time))")
    }
    if let shortestDeadline, shortestDeadline <= .zero {
      throw CopurError(.configuration, "the shortest deadline is over 0 (actual: \(shortestDeadline))")
    }
  }
}
