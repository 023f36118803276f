/// Limits of what the fusion center keeps in memory.
public struct RoundLimits: Hashable, Sendable {
  /// The most rounds that have a block and are open, over all sessions. Of those whose clock does not run, as too few have
  /// spoken in them, each agent may have opened as many as there are for each.
  public var openRounds = 16_384
  /// The time that such a round stays open for others before it may give way to new ones of the agent that opened it.
  public var unheardRounds = Duration.seconds(86_400)
  /// The most rounds that were asked for and have no block yet, over all sessions; also the most samples a Predict.
  public var requestedRounds = 262_144
  /// The most sessions since the start: each one's name and closed samples are kept, so that no round is decided twice.
  /// Of sessions that nobody else has spoken in or asked for, each agent may have opened as many as there are for each.
  public var sessions = 65_536
  /// The most closed rounds, over all sessions, whose fingerprints and verdict are kept. For an older one a block is
  /// LATE whatever its content, and Predict answers NOT_FOUND.
  public var rememberedRounds = 65_536
  /// The most gaps among the closed samples of a session. Beyond that the narrowest ones count as closed, a quarter of all
  /// at a time: a block of such a sample is LATE.
  public var gapsPerSession = 65_536
  /// The most samples a ContributeRequest.
  public var samplesPerMessage = 4_096
  /// The most blocks of a Contribute stream without a receipt before it is read no further.
  public var blocksInFlightPerStream = 16_384
  /// The most blocks and closed rounds that wait for the journal or a decision before no stream is read any further.
  public var backlog = 131_072
  /// The most verdicts that a Watch whose client reads slowly may leave waiting before it is ended.
  public var verdictsPerWatcher = 65_536

  /// The most blocks that the open rounds have room for: with many agents it is this that limits their number.
  public var openBlocks = 262_144
  /// The most blocks that the remembered closed rounds have room for.
  public var rememberedBlocks = 1_048_576

  /// The default of every limit.
  public init() {}

  /// The limits for a number of agents: those on blocks are kept by having fewer rounds.
  func limited(to agents: Int) -> RoundLimits {
    var limits = self
    limits.openRounds = min(openRounds, max(1, openBlocks / agents))
    limits.rememberedRounds = min(rememberedRounds, max(1, rememberedBlocks / agents))
    return limits
  }
}
