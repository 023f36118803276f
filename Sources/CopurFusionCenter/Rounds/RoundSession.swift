internal import CopurCore

/// The rounds of one session.
struct RoundSession {
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
  /// How many of them are remembered with more than their number.
  var rememberedCount = 0
  /// When a block was last accepted or a Predict opened.
  var lastActivity: Duration
}
