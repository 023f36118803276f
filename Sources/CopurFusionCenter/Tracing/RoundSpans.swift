internal import CopurCore
internal import Foundation
internal import ServiceContextModule
public import ServiceLifecycle
internal import Synchronization
public import Tracing

/// Records a span of each round that belongs to a trace, and of some others, with the parts of its time as children.
///
/// A round is in a trace if a call for its session named one that is sampled. Of the others a few a second begin a trace each,
/// so that those who look at a busy service see how it does, and it does not drown them.
///
/// Rounds are looked at after their verdicts were stored, so that nothing waits for this. Attributes say whose blocks came and
/// what the defence did; embeddings, labels and probabilities stay where they are.
public final class RoundSpans: Service, Sendable {
  /// The time after which decided rounds are taken again.
  private static let interval = Duration.milliseconds(250)
  /// The most rounds of others' traces that are recorded in that time: an agent may name one for all that it sends.
  private static let named = 250
  /// The most agents that an attribute lists.
  private static let listed = 64

  private let center: FusionCenter
  private let feed: RoundFeed
  private let tracer: any Tracer
  private let perInterval: Double
  private let unrecorded = Mutex(0)

  /// - Parameters:
  ///   - center: The service. It is watched from now on.
  ///   - tracer: Where spans are recorded; the process's own if left out.
  ///   - ownTraces: How many rounds a second begin a trace where nobody named one, 0 or more.
  public init(of center: FusionCenter, tracer: (any Tracer)? = nil, ownTraces: Int) {
    precondition(ownTraces >= 0)
    self.center = center
    self.tracer = tracer ?? InstrumentationSystem.tracer
    feed = center.watchedRounds()
    perInterval = Double(ownTraces) * (Self.interval / .seconds(1))
  }

  /// The number of rounds whose trace somebody named and that have no span: more came than are recorded, 1,000 a second.
  public var unrecordedCount: Int { unrecorded.withLock { $0 } }

  /// Records until the surrounding service group shuts down, and then what was decided until then.
  public func run() async throws {
    let allowance = await cancelWhenGracefulShutdown {
      var allowance = 0.0
      while !Task.isCancelled {
        // What was not used is not kept: a burst after a quiet hour is one second's worth.
        allowance = min(allowance + self.perInterval, max(1, self.perInterval * 4))
        allowance -= Double(self.record(own: Int(allowance), named: Self.named))
        try? await Task.sleep(for: Self.interval)
      }
      return allowance
    }
    _ = record(own: Int(allowance), named: Self.named)
    center.unwatched(feed)
  }

  /// Records the rounds that were decided since the last time.
  ///
  /// - Parameters:
  ///   - own: How many may begin a trace.
  ///   - named: How many may be of a trace that somebody named.
  /// - Returns: How many of them began a trace.
  package func record(own: Int, named: Int) -> Int {
    let (rounds, lost) = feed.takenWithTimes()
    var (begun, continued, unrecorded) = (0, 0, lost)
    for (round, stored) in rounds {
      guard let trace = round.trace else {
        guard begun < own else { continue }
        begun += 1
        record(round, storedAt: stored, in: .topLevel)
        continue
      }
      guard trace.isSampled else { continue }
      guard continued < named else {
        unrecorded += 1
        continue
      }
      continued += 1
      record(round, storedAt: stored, in: .continuing(trace, with: tracer))
    }
    if unrecorded > 0 { self.unrecorded.withLock { $0 += unrecorded } }
    return begun
  }

  private func record(_ round: DecidedRound, storedAt time: Date, in context: ServiceContext) {
    let end = UInt64(max(0, time.timeIntervalSince1970) * 1e9)
    var start = end.before(round.latency ?? .zero)
    let span = tracer.startSpan("round", context: context, ofKind: .internal, at: Nanoseconds(start))
    describe(round.verdict, in: span)
    if let parts = round.parts {
      for (name, length) in [("gather", parts.gathering), ("decide", parts.deciding), ("store", parts.storing)] {
        // Rounding takes no part out of its round.
        let next = min(end, start.after(length))
        tracer.startSpan(name, context: span.context, ofKind: .internal, at: Nanoseconds(start))
          .end(at: Nanoseconds(next))
        start = next
      }
    }
    span.end(at: Nanoseconds(end))
  }

  private func describe(_ verdict: Verdict, in span: any Span) {
    guard span.isRecording else { return }
    var attributes: SpanAttributes = [
      "copur.session": .string(verdict.session), "copur.sample": .string("\(verdict.sample)"),
      "copur.model": .string(verdict.modelVersion), "copur.defense": .string(verdict.defense),
      "copur.decided": .bool(verdict.decision != nil),
      "copur.blocks": .int64(Int64(verdict.contributed.count)),
      "copur.missing.count": .int64(Int64(verdict.missing.count)),
    ]
    attributes.list("copur.missing", verdict.missing.prefix(Self.listed))
    if let decision = verdict.decision {
      if let count = decision.certifiedAgents { attributes["copur.certified_agents"] = count }
      if let steps = decision.iterations { attributes["copur.iterations"] = steps }
      if let converged = decision.converged { attributes["copur.converged"] = converged }
      if let suspects = decision.suspects {
        let agents = zip(center.roster.agents, suspects).filter(\.1).map(\.0)
        attributes["copur.suspects.count"] = agents.count
        attributes.list("copur.suspects", agents.prefix(Self.listed))
      }
    }
    span.attributes = attributes
  }
}

private typealias Nanoseconds = DefaultTracerClock.Timestamp

extension Nanoseconds {
  fileprivate init(_ count: UInt64) { self.init(nanosecondsSinceEpoch: count) }
}

extension SpanAttributes {
  fileprivate mutating func list(_ name: String, _ agents: some Collection<AgentID>) {
    if !agents.isEmpty { self[name] = agents.map(\.name) }
  }
}

/// Nanoseconds since 1970, and lengths of time that come from another clock.
extension UInt64 {
  fileprivate func before(_ length: Duration) -> UInt64 { self - Swift.min(self, UInt64(clamping: length.nanoseconds)) }

  fileprivate func after(_ length: Duration) -> UInt64 { self + UInt64(clamping: length.nanoseconds) }
}

extension Duration {
  fileprivate var nanoseconds: Int64 { Int64(self / .nanoseconds(1)) }
}
