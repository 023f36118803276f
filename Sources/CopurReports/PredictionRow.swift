/// A defence's prediction of one sample.
///
/// No times and no mode, so that files of two runs can be compared byte by byte.
public struct PredictionRow: Hashable, Sendable {
  /// The seed.
  public var seed: UInt64
  /// The attack's name.
  public var attack: String
  /// The defence's name.
  public var defense: String
  /// The sample's number among the test rows, from 0.
  public var sample: Int
  /// The true class.
  public var label: Int
  /// The predicted class; nil if too few agents contributed for a verdict.
  public var prediction: Int?
  /// The largest q for which the prediction stands whatever any q agents do; nil if the verdict does not say.
  public var certifiedAgents: Int?

  /// - Parameter prediction: The predicted class, from 0; nil without a verdict.
  public init(
    seed: UInt64, attack: String, defense: String, sample: Int, label: Int, prediction: Int?,
    certifiedAgents: Int? = nil
  ) {
    self.seed = seed
    self.attack = attack
    self.defense = defense
    self.sample = sample
    self.label = label
    self.prediction = prediction
    self.certifiedAgents = certifiedAgents
  }
}

extension PredictionRow: TabularRow {
  public static let columns = ["seed", "attack", "defense", "sample", "label", "prediction", "certified_agents"]

  public var fields: [TabularField] {
    [
      .seed(seed), .text(attack), .text(defense), .integer(sample), .integer(label), .optional(prediction),
      .optional(certifiedAgents),
    ]
  }
}
