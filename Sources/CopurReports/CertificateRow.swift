internal import CopurCore

/// One seed's certificates of a defence: how many predictions are right and stay so.
///
/// Rates are fractions from 0 to 1.
public struct CertificateRow: Hashable, Sendable {
  /// Whom the certificates are against.
  public enum Compromised: Hashable, Sendable {
    /// These agents, by name.
    case agents([String])
    /// Any so many agents.
    case any(Int)
  }

  /// The scenario's name.
  public var scenario: String
  /// The data set's name.
  public var dataset: String
  /// The seed.
  public var seed: UInt64
  /// The defence's name.
  public var defense: String
  /// Names the models' content.
  public var modelVersion: String
  /// Whom the certificates are against.
  public var compromised: Compromised
  /// How many samples were predicted.
  public var n: Int
  /// The fraction of samples predicted right when nobody is attacked.
  public var accuracy: Double
  /// The fraction of samples predicted right with a certificate that they stay so.
  public var certifiedAccuracy: Double
  /// The fraction of samples whose prediction is certified, right or wrong.
  public var certifiedRate: Double

  /// The rates of predictions.
  ///
  /// - Parameters:
  ///   - labels: The true classes; at least one.
  ///   - predictions: A prediction for each; nil where there was no verdict.
  ///   - certified: Whether each is certified.
  public init(
    scenario: String, dataset: String, seed: UInt64, defense: String, modelVersion: String, compromised: Compromised,
    labels: [Int], predictions: [Int?], certified: [Bool]
  ) {
    precondition(labels.count == certified.count)
    self.scenario = scenario
    self.dataset = dataset
    self.seed = seed
    self.defense = defense
    self.modelVersion = modelVersion
    self.compromised = compromised
    n = labels.count
    accuracy = Metrics.accuracy(labels: labels, predictions: predictions)
    certifiedAccuracy = Metrics.accuracy(
      labels: labels, predictions: zip(predictions, certified).map { $1 ? $0 : nil })
    certifiedRate = Double(certified.count { $0 }) / Double(n)
  }
}

extension CertificateRow: TabularRow {
  public static let columns = [
    "scenario", "dataset", "seed", "defense", "model_version", "agents", "any", "n", "accuracy", "certified_accuracy",
    "certified_rate",
  ]

  public var fields: [TabularField] {
    [.text(scenario), .text(dataset), .seed(seed), .text(defense), .text(modelVersion)] + compromised.fields + [
      .integer(n), .number(accuracy), .number(certifiedAccuracy), .number(certifiedRate),
    ]
  }
}

extension CertificateRow.Compromised {
  /// The fields `agents` and `any`, of which one is empty.
  var fields: [TabularField] {
    switch self {
    case .agents(let names): [.names(names), .none]
    case .any(let count): [.none, .integer(count)]
    }
  }
}
