internal import CopurCore

/// One seed's certificates of a defence: how many predictions are right and stay so.
///
/// Rates are fractions from 0 to 1. Deviations and intervals are those of a bootstrap over runs of 30 consecutive rows
/// (`RunBootstrap`).
public struct CertificateRow: Hashable, Sendable {
  /// Whom the certificates are against.
  public enum Compromised: Hashable, Sendable {
    /// These agents, by name.
    case agents([String])
    /// Any so many agents.
    case any(Int)
  }

  /// A rate and its standard deviation.
  public struct Rate: Hashable, Sendable {
    /// The rate.
    public var value: Double
    /// Its standard deviation.
    public var deviation: Double
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
  /// The number of samples that were predicted.
  public var n: Int
  /// The fraction of samples predicted right when nobody is attacked.
  public var clean: Rate
  /// The mean of the classes' recalls when nobody is attacked.
  public var cleanBalanced: Rate
  /// The fraction of samples predicted right with a certificate that they stay so.
  public var certified: Rate
  /// The interval that 95 of 100 bootstrap samples of ``certified`` are within.
  public var certifiedInterval: ClosedRange<Double>
  /// The mean over the classes of the fraction of each one's samples that are predicted right with a certificate.
  public var certifiedBalanced: Rate
  /// The fraction of samples whose prediction is certified, right or wrong.
  public var certifiedRate: Double
  /// The fraction of samples of the most frequent class: what a constant guess reaches, which nobody can change.
  public var majorityRate: Double

  /// The fraction of samples predicted right when nobody is attacked.
  public var accuracy: Double { clean.value }
  /// The fraction of samples predicted right with a certificate that they stay so.
  public var certifiedAccuracy: Double { certified.value }

  /// The rates of predictions.
  ///
  /// - Parameters:
  ///   - labels: The true classes, in the rows' order; at least one.
  ///   - predictions: A prediction for each; nil where there was no verdict.
  ///   - certified: Whether each is certified.
  public init(
    scenario: String, dataset: String, seed: UInt64, defense: String, modelVersion: String, compromised: Compromised,
    labels: [Int], predictions: [Int?], certified: [Bool]
  ) {
    precondition(labels.count == certified.count && labels.count == predictions.count)
    self.scenario = scenario
    self.dataset = dataset
    self.seed = seed
    self.defense = defense
    self.modelVersion = modelVersion
    self.compromised = compromised
    n = labels.count
    let right = zip(labels, predictions).map { $0 == $1 }
    let safe = zip(right, certified).map { $0 && $1 }
    let bootstrap = RunBootstrap()
    clean = Rate(bootstrap.accuracy(right))
    cleanBalanced = Rate(bootstrap.balancedAccuracy(right, labels: labels))
    let estimate = bootstrap.accuracy(safe)
    self.certified = Rate(estimate)
    certifiedInterval = estimate.interval
    certifiedBalanced = Rate(bootstrap.balancedAccuracy(safe, labels: labels))
    certifiedRate = Double(certified.count { $0 }) / Double(n)
    majorityRate = Metrics.majorityRate(labels: labels)
  }
}

extension CertificateRow.Rate {
  fileprivate init(_ estimate: RunBootstrap.Estimate) {
    self.init(value: estimate.value, deviation: estimate.deviation)
  }
}

extension CertificateRow: TabularRow {
  public static let columns = [
    "scenario", "dataset", "seed", "defense", "model_version", "agents", "any", "n", "accuracy", "certified_accuracy",
    "certified_rate", "balanced_accuracy", "certified_balanced_accuracy", "majority_rate", "accuracy_deviation",
    "balanced_accuracy_deviation", "certified_accuracy_deviation", "certified_balanced_accuracy_deviation",
    "certified_accuracy_lower", "certified_accuracy_upper",
  ]

  public var fields: [TabularField] {
    [.text(scenario), .text(dataset), .seed(seed), .text(defense), .text(modelVersion)] + compromised.fields + [
      .integer(n), .number(clean.value), .number(certified.value), .number(certifiedRate),
      .number(cleanBalanced.value), .number(certifiedBalanced.value), .number(majorityRate),
      .number(clean.deviation), .number(cleanBalanced.deviation), .number(certified.deviation),
      .number(certifiedBalanced.deviation), .number(certifiedInterval.lowerBound),
      .number(certifiedInterval.upperBound),
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

  /// In words, such as "any two agents".
  var words: String {
    switch self {
    case .agents(let names): names.joined(separator: ", ")
    case .any(1): "any one agent"
    case .any(2): "any two agents"
    case .any(3): "any three agents"
    case .any(let count): "any \(count) agents"
    }
  }
}
