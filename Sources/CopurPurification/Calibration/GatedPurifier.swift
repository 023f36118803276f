public import CopurCore
internal import CopurNumerics

/// A purifier with or without a gate in front of it.
public struct GatedPurifier: Sendable {
  /// Solves for l* on what passes.
  public let purifier: Purifier
  /// Nil for none.
  public let gate: EmbeddingGate?

  /// - Precondition: The gate, if there is one, is for the purifier's agents.
  public init(purifier: Purifier, gate: EmbeddingGate? = nil) {
    precondition(gate.map { $0.profiles.count == purifier.manifold.layout.count } ?? true)
    self.purifier = purifier
    self.gate = gate
  }

  /// Purifies a batch.
  ///
  /// - Returns: The purification of what passed the gate, in whose reports withheld blocks have their residuals, too
  ///   (but no part in the objective); and what the gate did, nil without one.
  public func purify(_ observation: Observation) -> (purification: Purification, passage: EmbeddingGate.Passage?) {
    guard let passage = gate?.apply(to: observation) else { return (purifier.purify(observation), nil) }
    var purification = purifier.purify(passage.observation)
    let layout = observation.layout
    for sample in 0..<observation.samples where passage.outcomes[sample] == .withheld {
      for block in 0..<layout.count where passage.outside[sample * layout.count + block] {
        var square = 0.0
        for column in layout[block] {
          let gap =
            Double(observation.embeddings[sample, column]) - Double(purification.embeddings[sample, column])
          square += gap * gap
        }
        purification.reports[sample].residuals[block] = Purification.Report.representable(square.squareRoot())
      }
    }
    return (purification, passage)
  }
}
