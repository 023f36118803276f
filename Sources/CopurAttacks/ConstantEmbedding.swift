public import CopurCore
internal import CopurNumerics

/// Every element of a block is the same number, for every sample: a sensor that is stuck.
public struct ConstantEmbedding: AttackKind {
  public static var entry: KindEntry<any AttackKind> {
    KindEntry("constant", "Sends the same number in every place: a sensor that is stuck.", ConstantEmbedding())
  }
  public static var settings: [Setting<ConstantEmbedding>] { [.number("value", \.value, .any, "the number")] }

  /// The number; finite.
  public var value: Float

  /// - Parameter value: Finite.
  public init(value: Float = 0) {
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
