internal import CopurCore

/// The rounds of one session.
struct RoundSession {
  /// What is kept of a closed round.
  struct Closed {
    /// The fingerprint of each agent's block; nil: it was missing.
    let hashes: [UInt64?]
    /// The verdict, once there is one.
    var verdict: Verdict?
  }

  let name: String
  /// The position of its defence.
  let defense: Int
  /// The defence that an earlier run of the service opened it with, if this run does not have it: nothing more can happen
  /// in the session.
  var unknownDefense: String?
  /// Rounds with at least one block.
  var open: [UInt64: Round] = [:]
  /// Rounds that were asked for and have no block yet.
  var requested: Set<UInt64> = []
  /// Every closed round.
  var closed = SampleSet()
  /// The closed rounds of which more than the number is kept.
  var remembered: [UInt64: Closed] = [:]
  /// When a block was last accepted or a Predict opened.
  var lastActivity: Duration
}
