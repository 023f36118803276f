internal import CopurCore
internal import CopurNumerics

/// Every element of a block is the same number, for every sample: a sensor that is stuck.
public struct ConstantEmbedding: Attack {
  /// The number; finite.
  public let value: Float

  /// - Parameter value: Finite.
  public init(value: Float) {
    precondition(value.isFinite)
    self.value = value
  }

  public func craft(_ situation: AttackSituation) -> Proposal {
    var embeddings = situation.observation.embeddings
    for row in 0..<embeddings.rows {
      for column in situation.columns { embeddings[row, column] = value }
    }
    return Proposal(embeddings)
  }
}
