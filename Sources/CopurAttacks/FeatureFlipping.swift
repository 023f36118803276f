internal import CopurCore
internal import CopurNumerics

/// h_i = −amplification · l_i (CoPur, section 4): needs no model, no data, no label and no other agent's features.
public struct FeatureFlipping: Attack {
  /// How much larger the flipped embedding is; above 0.
  public let amplification: Float

  /// - Parameter amplification: Over 0.
  public init(amplification: Float) {
    precondition(amplification > 0)
    self.amplification = amplification
  }

  public func craft(_ situation: AttackSituation) -> Proposal {
    var flipped = situation.observation.embeddings
    for row in 0..<flipped.rows {
      for column in situation.columns { flipped[row, column] *= -amplification }
    }
    return Proposal(flipped)
  }
}
