/// A prediction and whether it is certified against some agents.
public struct CertifiedPredictionRow: Hashable, Sendable {
  /// The seed.
  public var seed: UInt64
  /// Whom the certificate is against.
  public var compromised: CertificateRow.Compromised
  /// The number of the test row, from 0.
  public var sample: Int
  /// The true class, from 0.
  public var label: Int
  /// The predicted class; nil where there was no verdict.
  public var prediction: Int?
  /// Whether nothing that these agents send or withhold changes it.
  public var isCertified: Bool
  /// The defence's name.
  public var defense: String

  /// - Parameter sample: The number of the test row, from 0.
  public init(
    seed: UInt64, compromised: CertificateRow.Compromised, sample: Int, label: Int, prediction: Int?,
    isCertified: Bool, defense: String
  ) {
    self.seed = seed
    self.compromised = compromised
    self.sample = sample
    self.label = label
    self.prediction = prediction
    self.isCertified = isCertified
    self.defense = defense
  }
}

extension CertifiedPredictionRow: TabularRow {
  public static let columns = ["seed", "agents", "any", "sample", "label", "prediction", "certified", "defense"]

  public var fields: [TabularField] {
    [.seed(seed)] + compromised.fields + [
      .integer(sample), .integer(label), .optional(prediction), .integer(isCertified ? 1 : 0),
      .text(defense),
    ]
  }
}
