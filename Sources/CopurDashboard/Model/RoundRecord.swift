internal import CopurCore
package import CopurFusionCenter

/// A decided round, as the page is told of it.
package struct RoundRecord: Encodable, Sendable {
  /// A running number, from 1.
  package let number: Int
  /// The time at which the dashboard learned of it, in milliseconds since 1970.
  package let at: Double
  package let session: String
  package let sample: UInt64
  package let defense: String
  package let model: String
  /// A character an agent: ``AgentOutcome``.
  package let outcomes: String
  /// ‖[h − l̂]_i‖₂ of each agent; nil where it is missing or the defence has none.
  package let residuals: [Float?]
  /// The predicted class; nil if there were too few blocks.
  package let label: Int?
  /// Its probability.
  package let probability: Float?
  /// The largest q for which the class stands whatever any q agents do; nil if the verdict does not say.
  package let certified: Int?
  /// The right class, if it is known.
  package let truth: Int?
  /// From the first block to the stored verdict, in milliseconds.
  package let latency: Double?
  /// The trace-id of the distributed trace that it belongs to; nil if nobody named one.
  package let trace: String?

  /// - Parameter date: When the dashboard learned of it, in milliseconds since 1970.
  package init(number: Int, _ round: DecidedRound, outcomes: [AgentOutcome], truth: Int?, date: Double) {
    let verdict = round.verdict
    self.number = number
    at = date.rounded()
    session = verdict.session
    sample = verdict.sample
    defense = verdict.defense
    model = verdict.modelVersion
    self.outcomes = outcomes.map(\.rawValue).joined()
    residuals =
      verdict.decision?.residuals?.map { $0.flatMap { $0.isFinite ? $0.rounded(digits: 3) : nil } }
      ?? outcomes.map { _ in nil }
    label = verdict.decision?.label
    probability = verdict.decision.flatMap { decision in
      guard decision.probabilities.indices.contains(decision.label) else { return nil }
      let probability = decision.probabilities[decision.label]
      return probability.isFinite ? probability.rounded(digits: 3) : nil
    }
    certified = verdict.decision?.certifiedAgents
    self.truth = truth
    latency = round.latency.map { ($0 / .milliseconds(1)).rounded(digits: 3) }
    trace = round.trace?.traceID
  }
}

extension BinaryFloatingPoint {
  /// The nearest number of so many significant decimal digits: what a page shows, and short in JSON.
  package func rounded(digits: Int) -> Self {
    guard isFinite, self != 0 else { return self }
    var (scale, magnitude, limit) = (Self(1), abs(self), Self(1))
    for _ in 1..<digits { limit *= 10 }
    while magnitude * scale < limit, scale < 1e12 { scale *= 10 }
    return scale > 1 ? (self * scale).rounded() / scale : rounded()
  }
}
