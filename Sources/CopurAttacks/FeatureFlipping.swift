internal import CopurCore
public import CopurNumerics

/// h_i = −amplification · l_i (CoPur, section 4): needs no model, no data, no label and no other agent's features.
public struct FeatureFlipping: Attack {
  /// How much larger the flipped embedding is; above 0.
  public let amplification: Float

  public init(amplification: Float) {
    precondition(amplification > 0)
    self.amplification = amplification
  }

  public func craft(_ situation: AttackSituation) -> Matrix {
    var flipped = situation.observation.embeddings
    for block in situation.compromised {
      for row in 0..<flipped.rows {
        for column in situation.observation.layout[block] { flipped[row, column] *= -amplification }
      }
    }
    return flipped
  }
}
