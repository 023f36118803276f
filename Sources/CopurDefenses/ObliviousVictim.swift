public import CopurCore

/// A defence that gives no gradients: the attacker has those of the fusion model on what is sent, and the decisions.
public struct ObliviousVictim: Victim {
  /// The defence that decides.
  public let defense: any Defense
  /// The model that is differentiated in its place.
  public let surrogate: any Victim

  /// - Parameters:
  ///   - defense: What decides.
  ///   - surrogate: What is differentiated in its place.
  public init(_ defense: any Defense, surrogate: any Victim) {
    self.defense = defense
    self.surrogate = surrogate
  }

  public var classes: Int { surrogate.classes }
  public var gradientCaveat: String? { "\(defense.name) gives no gradient: a fusion model's was followed" }

  public func decide(_ observation: Observation) -> [Decision] { defense.decide(observation) }

  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    surrogate.lossGradient(observation, labels: labels, seeds: seeds)
  }
}

extension Defense {
  /// This defence as an attacker who knows it sees it.
  ///
  /// - Parameter surrogate: What is differentiated where the defence gives no gradient.
  public func victim(surrogate: any Victim) -> any Victim {
    self as? any Victim ?? ObliviousVictim(self, surrogate: surrogate)
  }

  /// The model that an attacker differentiates who knows of no defence: the fusion model that it ends in, if it ends in one.
  ///
  /// - Parameter model: Followed for a defence that ends in none.
  public func surrogate(otherwise model: FusionModel) -> FusionModel { (self as? any WhiteBoxDefense)?.model ?? model }
}

extension WhiteBoxDefense {
  /// This defence as an attacker who knows it sees it.
  public var victim: any Victim { victim(surrogate: model) }
}
