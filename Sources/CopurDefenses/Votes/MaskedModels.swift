public import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// A model of the agents that are left when any 2q are masked, asked for all sets of them.
public struct MaskedModels: Sendable {
  /// The model, with every subset of M − 2q agents.
  public let ablation: RandomizedAblation
  /// The model with each agent alone, whose log-probabilities are added to those of the agents together; nil to ask for
  /// them together only. What a subset says still depends on its agents alone.
  public let alone: RandomizedAblation?
  /// q.
  public let liars: Int
  /// Sets of q agents to mask first.
  let masks: [[Int]]
  /// For each of ``masks`` the subsets that see none of its agents.
  let unseen: [[Int]]

  /// - Precondition: The subsets are all of M − 2q agents.
  package init(_ ablation: RandomizedAblation, alone: RandomizedAblation? = nil, liars: Int) {
    precondition(alone.map { $0.subsets.members == (0..<$0.layout.count).map { [$0] } } ?? true)
    self.alone = alone
    let agents = ablation.layout.count
    precondition(
      ablation.subsets.isExhaustive && ablation.subsets.members.allSatisfy { $0.count == agents - 2 * liars })
    self.ablation = ablation
    self.liars = liars
    masks = AgentSubsets.all(agents: agents, keep: liars)
    unseen = masks.map { ablation.subsets.unseeing(Set($0)) }
  }

  package func decide(_ observation: Observation) -> [Decision] {
    labels(observation).map { labels in
      let votes = MajorityVote.count(labels, classes: ablation.classes)
      var decision = MajorityVote.decision(votes)
      let candidates = candidates(labels)
      if candidates.count == 1, let candidate = candidates.first { decision.label = candidate }
      return decision
    }
  }

  /// The model's class for each subset, of each sample.
  package func labels(_ observation: Observation) -> [[Int]] {
    let model = ablation.model
    guard let alone else {
      return ablation.map(observation) { _, products in
        model.loss.labels(of: model.network.infer(firstProduct: products))
      }
    }
    func evidence(_ products: Matrix) -> Matrix {
      let logits = model.network.infer(firstProduct: products)
      return model.loss == .softmax ? model.loss.logProbabilities(of: logits) : logits
    }
    let ofEach = alone.map(observation) { _, products in evidence(products) }
    return ablation.map(observation) { sample, products in
      var sums = evidence(products)
      for (row, members) in ablation.subsets.members.enumerated() {
        for member in members {
          for column in 0..<sums.columns { sums[row, column] += ofEach[sample][member, column] }
        }
      }
      return model.loss.labels(of: sums)
    }
  }

  /// The classes that all models say for which one first mask is in place.
  package func candidates(_ labels: [Int]) -> Set<Int> {
    var candidates: Set<Int> = []
    for subsets in unseen {
      let label = labels[subsets[0]]
      if subsets.allSatisfy({ labels[$0] == label }) { candidates.insert(label) }
    }
    return candidates
  }
}

extension AgentSubsets {
  /// The subsets that have none of these agents.
  func unseeing(_ agents: Set<Int>) -> [Int] { members.indices.filter { agents.isDisjoint(with: members[$0]) } }
}

/// Certificates of double masking's predictions, counted over all models: no agents can change them, whatever they send or
/// withhold.
///
/// Liars A, at most q of them, cannot make a class y lose if (i) for some first mask S that covers A all models say y, so
/// that y is a candidate whatever they send; and (ii) for every first mask S some model without S and A says y, so that no
/// other class is one. For exactly q liars, whichever they are, that is that every model without 2q agents says y.
public struct MaskingCertifier: PredictionCertifier {
  /// The models whose predictions are certified.
  public let models: MaskedModels
  public let quorum: Int

  /// - Parameter quorum: How many agents have to have contributed for a verdict; at least 1.
  package init(_ models: MaskedModels, quorum: Int) {
    precondition(quorum >= 1)
    self.models = models
    self.quorum = quorum
  }

  public func predictions(_ observation: Observation) -> [Int?] {
    predicted(models.decide(observation), of: observation)
  }

  public func certifies(
    _ predictions: [Int?], of observation: Observation, against compromised: CompromisedAgents
  ) -> [Bool] {
    precondition(predictions.count == observation.samples)
    let agents = observation.layout.count
    let sets: [[Int]]
    switch compromised {
    case .these(let set): sets = [set.sorted()]
    case .any(let count): sets = count > models.liars ? [] : AgentSubsets.all(agents: agents, keep: count)
    }
    guard !sets.isEmpty, sets[0].count <= models.liars else {
      return [Bool](repeating: false, count: predictions.count)
    }
    let conditions = sets.map { Condition(liars: Set($0), models: models) }
    return zip(models.labels(observation), predictions.enumerated()).map { labels, entry in
      guard let prediction = entry.element,
        leastContributors(of: observation, entry.offset, compromised) >= quorum
      else { return false }
      return conditions.allSatisfy { $0.holds(prediction, labels) }
    }
  }

  /// A condition on the models' answers under which a set of liars is harmless.
  private struct Condition {
    /// For each first mask that covers the liars, the models behind it.
    let covering: [[Int]]
    /// For each first mask, the models that see neither it nor a liar.
    let blocking: [[Int]]

    init(liars: Set<Int>, models: MaskedModels) {
      covering = zip(models.masks, models.unseen).filter { liars.isSubset(of: $0.0) }.map(\.1)
      let blind = Set(models.ablation.subsets.unseeing(liars))
      blocking = models.unseen.map { $0.filter(blind.contains) }
    }

    func holds(_ label: Int, _ labels: [Int]) -> Bool {
      covering.contains { $0.allSatisfy { labels[$0] == label } }
        && blocking.allSatisfy { $0.contains { labels[$0] == label } }
    }
  }
}
