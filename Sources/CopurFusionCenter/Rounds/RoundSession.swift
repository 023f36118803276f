internal import CopurCore

/// The rounds of one session.
struct RoundSession {
  let name: String
  /// The position of its defence.
  let defense: Int
  /// The defence that an earlier run of the service opened it with, if this run does not have it: nothing more can happen
  /// in the session.
  var unknownDefense: String?
  /// Whether its rounds' clocks run; if not, it waits for its agents.
  var isOpen: Bool
  /// Whether more agents than may lie have spoken in it, or a client has asked for samples: before that it counts as the
  /// one's that made it.
  var isWanted = false
  /// Whether it does not count towards the limit of sessions: an earlier run made it, or it was dropped.
  var isUncounted = false
  /// The agent that made it; nil: a client, or an earlier run.
  var maker: Int?
  /// The agents that have spoken in it, and those that have had a stream since it is wanted; none once it is open.
  var heard: Set<Int> = []
  var seen: Set<Int> = []
  /// While it waits, the agents that it waits for.
  var awaited: Set<Int> = []
  /// The agents that it does not wait for: those that were missing when an earlier run decided its last round.
  var unexpected: Set<Int> = []
  /// The time at which it was first wanted, or the last agent came since.
  var lastArrival = Duration.zero
  /// Rounds that were asked for and whose clock does not run.
  var requested: Set<UInt64> = []
  /// Every closed round.
  var closed = SampleSet()
  /// The number of them that are remembered with more than their number.
  var rememberedCount = 0
  /// The time at which a block of a running round was last accepted, a Predict or the session opened.
  var lastActivity: Duration
}
