public import CopurCore

/// A vote has no gradient. What is followed is that of the draws' mean loss, with draws that do vote: the attacker knows
/// the seed, so there is nothing random left to average over.
private func caveat(_ name: String) -> String {
  "the votes of \(name) have no gradient: that of its draws' mean loss was followed"
}

extension RandomizedSmoothing: Victim {
  public var gradientCaveat: String? { caveat(name) }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    smoothed.lossGradient(ofEach: observation.embeddings, labels: labels)
  }
}

extension RandomizedSmoothingBlock: Victim {
  public var gradientCaveat: String? { caveat(name) }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    smoothed.lossGradient(ofEach: observation.embeddings, labels: labels)
  }
}

/// Gradients through votes and purifier, of what passes the gate.
extension SmoothedCoPur: Victim {
  public var regions: [AcceptedRegion]? { base.regions }
  public var gradientCaveat: String? { caveat(name) }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    base.lossGradient(observation) { smoothed.lossGradient(ofEach: $0, labels: labels) }
  }
}
