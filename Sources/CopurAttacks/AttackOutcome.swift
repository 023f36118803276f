public import CopurCore

/// The outcome of an attack.
public struct AttackOutcome: Sendable {
  /// The observation that the fusion center receives.
  public var received: Observation
  /// Whether a block sent an adversarial embedding, at `s * layout.count + i`: [n, M].
  public var lied: [Bool]
  /// The blocks that sent adversarial embeddings, of any sample.
  public var compromised: [Int]
  /// The blocks that were silent, of any sample.
  public var missing: [Int]
  /// ‖sent − honest‖₂ over the compromised blocks that spoke, mean over the samples; nil if nobody lied.
  public var changeNorm: Double?
  /// The way in which the worst agents were searched; nil if they were given.
  public var strategy: WorstCaseSearch.Strategy?
  /// Why the attack may be weaker than it looks, each once.
  public var warnings: [String]
}
