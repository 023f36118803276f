public import CopurCore

/// A defence that gives no gradients: the attacker has those of the fusion model on what is sent, and the decisions.
public struct ObliviousVictim: Victim {
  /// What decides.
  public let defense: any WhiteBoxDefense

  /// - Parameter defense: What decides; its fusion model is what is differentiated in its place.
  public init(_ defense: any WhiteBoxDefense) { self.defense = defense }

  public var classes: Int { defense.model.classes }
  public var gradientCaveat: String? { "\(defense.name) gives no gradient: its fusion model's was followed" }

  public func decide(_ observation: Observation) -> [Decision] { defense.decide(observation) }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    defense.model.lossGradient(ofEach: observation.embeddings, labels: labels)
  }
}

extension WhiteBoxDefense {
  /// This defence as an attacker who knows it sees it.
  public var victim: any Victim { self as? any Victim ?? ObliviousVictim(self) }
}
