public import CopurCore
internal import CopurNumerics

/// h_i = −amplification · l_i (CoPur, section 4): needs no model, no data, no label and no other agent's features.
public struct FeatureFlipping: AttackKind {
  public static var entry: KindEntry<any AttackKind> {
    KindEntry(
      "feature-flipping", "Sends −amplification · l_i in place of l_i, the honest embedding.", FeatureFlipping())
  }
  public static var settings: [Setting<FeatureFlipping>] {
    [
      .number(
        "amplification", \.amplification, .positive, "how many times longer it is; a list stands for as many attacks")
    ]
  }

  /// The factor by which the flipped embedding is larger; above 0.
  public var amplification: Float

  /// - Parameter amplification: Over 0.
  public init(amplification: Float = 10) {
    precondition(amplification > 0)
    self.amplification = amplification
  }

  public var amplifies: Float? { amplification }

  public func craft(_ situation: AttackSituation) -> Proposal {
    var flipped = situation.observation.embeddings
    for row in 0..<flipped.rows {
      for column in situation.columns { flipped[row, column] *= -amplification }
    }
    return Proposal(flipped)
  }
}
