public import CopurCore

/// A vote has no gradient. What is followed is that of the draws' mean loss, with draws that do vote: the attacker knows
/// the seed, so there is nothing random left to average over.
private func caveat(_ name: String) -> String {
  "the votes of \(name) have no gradient: that of its draws' mean loss was followed"
}

extension RandomizedSmoothing: Victim {
  /// That not the vote's own gradient was followed.
  public var gradientCaveat: String? { caveat(name) }

  /// The draws' mean cross-entropy with each label, and its gradient, [n, D]. The draws are the ones that vote, so
  /// `seeds` is not needed.
  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    smoothed.lossGradient(ofEach: observation.embeddings, labels: labels)
  }
}

extension RandomizedSmoothingBlock: Victim {
  /// That not the vote's own gradient was followed.
  public var gradientCaveat: String? { caveat(name) }

  /// As for ``RandomizedSmoothing``; the noise is on the compromised blocks alone.
  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    smoothed.lossGradient(ofEach: observation.embeddings, labels: labels)
  }
}

/// Gradients through votes and purifier, of what passes the gate.
extension SmoothedCoPur: Victim {
  /// The regions that pass the gate of ``SmoothedCoPur/base``; nil without one.
  public var regions: [AcceptedRegion]? { base.regions }
  /// That not the vote's own gradient was followed.
  public var gradientCaveat: String? { caveat(name) }

  /// The draws' mean cross-entropy with each label, and its gradient, [n, D], through the purifier.
  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    base.lossGradient(observation) { smoothed.lossGradient(ofEach: $0, labels: labels) }
  }
}
