public import CopurCore

/// A round that was closed and decided, as those who watch the service see it.
public struct DecidedRound: Hashable, Sendable {
  /// The verdict.
  public var verdict: Verdict
  /// From the start of the round's clock until its verdict was stored; nil if too few agents spoke for that.
  public var latency: Duration?
  /// The parts of that time, where they are known.
  public var parts: Parts?

  /// The parts of a round's time, one after the other.
  public struct Parts: Hashable, Sendable {
    /// From the start of the round's clock until the defence got it: blocks are awaited, and then the rounds before it.
    public var gathering: Duration
    /// The time that the defence had it, with others of its batch.
    public var deciding: Duration
    /// From then until the verdict was stored in the journal.
    public var storing: Duration

    /// - Parameter gathering: At least 0, as the others.
    public init(gathering: Duration, deciding: Duration, storing: Duration) {
      self.gathering = gathering
      self.deciding = deciding
      self.storing = storing
    }
  }

  /// - Parameter latency: At least 0.
  public init(verdict: Verdict, latency: Duration?, parts: Parts? = nil) {
    self.verdict = verdict
    self.latency = latency
    self.parts = parts
  }

  /// The distributed trace that the verdict names; nil if it names none.
  public var trace: TraceContext? { verdict.traceparent.flatMap(TraceContext.init) }
}
