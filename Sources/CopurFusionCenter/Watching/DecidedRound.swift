public import CopurCore

/// A round that was closed and decided, as those who watch the service see it.
public struct DecidedRound: Hashable, Sendable {
  /// What was decided.
  public var verdict: Verdict
  /// From the round's first block until its verdict was stored; nil if no agent ever spoke in it.
  public var latency: Duration?

  public init(verdict: Verdict, latency: Duration?) {
    self.verdict = verdict
    self.latency = latency
  }
}
