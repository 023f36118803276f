public import CopurCore

/// A round that was closed and decided, as those who watch the service see it.
public struct DecidedRound: Hashable, Sendable {
  /// The verdict.
  public var verdict: Verdict
  /// From the start of the round's clock until its verdict was stored; nil if too few agents spoke for that.
  public var latency: Duration?

  /// - Parameter latency: At least 0.
  public init(verdict: Verdict, latency: Duration?) {
    self.verdict = verdict
    self.latency = latency
  }

  /// The distributed trace that the verdict names; nil if it names none.
  public var trace: TraceContext? { verdict.traceparent.flatMap(TraceContext.init) }
}
