public import CopurCore
public import CopurNumerics

/// What compromised agents send in place of their embeddings.
///
/// An attack only proposes values. ``AttackPlan`` owns the rules: which blocks may change, and that nothing else does.
public protocol Attack: Sendable {
  /// Proposes embeddings.
  ///
  /// - Parameter situation: What the attacker knows and holds.
  /// - Returns: [n, D]; only the columns of the compromised blocks are used.
  func craft(_ situation: AttackSituation) -> Matrix
}

/// What the attacker knows and holds.
public struct AttackSituation: Sendable {
  /// What the fusion center would receive without this attack: missing blocks are already withheld, earlier parts of a
  /// combined attack already applied.
  public var observation: Observation
  /// The blocks that the attacker controls; all of them observed.
  public var compromised: [Int]
  /// The true class of each sample.
  public var labels: [Int]
  /// The model that a white-box attacker differentiates.
  public var victim: FusionModel

  public init(observation: Observation, compromised: [Int], labels: [Int], victim: FusionModel) {
    precondition(labels.count == observation.samples)
    self.observation = observation
    self.compromised = compromised
    self.labels = labels
    self.victim = victim
  }
}
