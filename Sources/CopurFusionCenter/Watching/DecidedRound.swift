public import CopurCore

/// A round that was closed and decided, as those who watch the service see it.
public struct DecidedRound: Hashable, Sendable {
  /// What was decided.
  public var verdict: Verdict
  /// From the round's first block until its verdict was stored; nil if no agent ever spoke in it.
  public var latency: Duration?
  /// The trace of the request that last asked for samples of its session; nil if it had none.
  public var trace: TraceContext?

  public init(verdict: Verdict, latency: Duration?, trace: TraceContext? = nil) {
    self.verdict = verdict
    self.latency = latency
    self.trace = trace
  }
}
