public import CopurCore
internal import CopurLearning
internal import CopurNumerics
internal import CopurPurification

/// Certificates of randomized ablation's predictions: that compromised agents cannot change them, whatever they send or
/// withhold.
///
/// The subsets that vote are known, so votes are counted exactly and no probability is attached (in place of the bound of
/// Levine and Feizi 2020, Corollary 1, which holds for any subsets that are drawn). A subset without a compromised agent
/// votes as it did; of the others nothing is assumed. A prediction is certified if it has more votes of the former than any
/// other class has of the former and all of the latter together, or as many where a tie goes to it.
public struct AblationCertifier: PredictionCertifier {
  /// The defence whose predictions are certified.
  public let defense: RandomizedAblation
  public let quorum: Int

  /// - Parameter quorum: How many agents have to have contributed for a verdict; at least 1.
  public init(_ defense: RandomizedAblation, quorum: Int = 1) {
    precondition(quorum >= 1)
    self.defense = defense
    self.quorum = quorum
  }

  public func predictions(_ observation: Observation) -> [Int?] {
    predicted(defense.decide(observation), of: observation)
  }

  public func certifies(
    _ predictions: [Int?], of observation: Observation, against compromised: CompromisedAgents
  ) -> [Bool] {
    precondition(predictions.count == observation.samples)
    let rivals = rivals(compromised, agents: observation.layout.count)
    return defense.map(observation) { sample, products in
      guard let prediction = predictions[sample],
        leastContributors(of: observation, sample, compromised) >= quorum
      else { return false }
      let labels = defense.model.loss.labels(of: defense.model.network.infer(firstProduct: products))
      return rivals.allSatisfy { $0.keep(prediction, labels: labels, classes: defense.model.classes) }
    }
  }

  /// The votes that compromised agents can change.
  private enum Rival {
    /// Those of these subsets.
    case touching([Bool])
    /// This many, of whichever subsets.
    case some(Int)

    /// Whether the prediction stays the same whatever these votes are.
    func keep(_ prediction: Int, labels: [Int], classes: Int) -> Bool {
      var certain = [Int](repeating: 0, count: classes)
      var open = 0
      switch self {
      case .touching(let isTouched):
        for (label, isTouched) in zip(labels, isTouched) {
          if isTouched { open += 1 } else { certain[label] += 1 }
        }
      case .some(let count):
        certain = MajorityVote.count(labels, classes: classes)
        open = 2 * count
      }
      return certain.indices.allSatisfy { other in
        // Of equal votes the first class wins.
        other == prediction || certain[prediction] - certain[other] >= open + (prediction < other ? 0 : 1)
      }
    }
  }

  private func rivals(_ compromised: CompromisedAgents, agents: Int) -> [Rival] {
    func touching(_ set: Set<Int>) -> [Bool] { defense.subsets.members.map { !set.isDisjoint(with: $0) } }
    switch compromised {
    case .these(let set): return [.touching(touching(set))]
    case .any(let count) where AgentSubsets.isFew(agents: agents, keep: count):
      return AgentSubsets.all(agents: agents, keep: count).map { .touching(touching(Set($0))) }
    case .any(let count):
      // Too many sets to look at one by one. Each agent touches at most as many subsets as the agents in most of them.
      var memberships = [Int](repeating: 0, count: agents)
      for member in defense.subsets.members.joined() { memberships[member] += 1 }
      let most = memberships.sorted(by: >).prefix(count).reduce(0, +)
      return [.some(min(most, defense.subsets.members.count))]
    }
  }
}

extension RandomizedAblation: CertifiableDefense {
  public func toleranceCertifier(quorum: Int) -> any ToleranceCertifier { AblationCertifier(self, quorum: quorum) }
}
