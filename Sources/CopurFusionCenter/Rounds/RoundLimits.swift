/// How much the fusion center keeps in memory.
public struct RoundLimits: Hashable, Sendable {
  /// The most rounds that have a block and are open, over all sessions.
  public var openRounds = 16_384
  /// The most rounds that were asked for and have no block yet, over all sessions; also the most samples a Predict.
  public var requestedRounds = 262_144
  /// The most sessions since the start: each one's name and closed samples are kept, so that no round is decided twice.
  public var sessions = 65_536
  /// The most closed rounds, over all sessions, whose fingerprints and verdict are kept. For an older one a block is
  /// LATE whatever its content, and Predict answers NOT_FOUND.
  public var rememberedRounds = 65_536
  /// The most gaps among the closed samples of a session.
  public var gapsPerSession = 65_536
  /// The most samples a ContributeRequest.
  public var samplesPerMessage = 4_096
  /// The most blocks of a Contribute stream without a receipt before it is read no further.
  public var blocksInFlightPerStream = 16_384
  /// The most blocks and closed rounds that wait for the journal or a decision before no stream is read any further.
  public var backlog = 131_072
  /// The most verdicts that a Watch whose client reads slowly may leave waiting before it is ended.
  public var verdictsPerWatcher = 65_536

  public init() {}
}
