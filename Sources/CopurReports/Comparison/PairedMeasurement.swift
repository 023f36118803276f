internal import CopurCore

/// An attack against a defence in two runs.
public struct PairedMeasurement: Hashable, Sendable, Encodable {
  /// A measurement with one seed.
  struct Trial: Hashable {
    let seed: UInt64
    let attack: String
    let defense: String
  }

  /// The source of the intervals.
  public enum Method: String, Hashable, Sendable, Encodable {
    /// The predictions of each row: a bootstrap over runs of 30 consecutive rows.
    case rows
    /// The rates of each seed.
    case seeds
  }

  /// The attack's name.
  public var attack: String
  /// The defence's name.
  public var defense: String
  /// The seeds that both runs have.
  public var seeds: [UInt64]
  /// The source of the intervals.
  public var method: Method
  /// The first run's accuracy, mean over the seeds.
  public var first: Double
  /// The second run's accuracy.
  public var second: Double
  /// The difference of accuracies.
  public var accuracy: PairedDifference
  /// The first run's balanced accuracy, mean over the seeds.
  public var firstBalanced: Double
  /// The second run's balanced accuracy.
  public var secondBalanced: Double
  /// The difference of balanced accuracies.
  public var balancedAccuracy: PairedDifference
  /// The number of rows that only the first run has right, over all seeds; nil without predictions.
  public var onlyFirstRight: Int?
  /// The number of rows that only the second run has right, over all seeds; nil without predictions.
  public var onlySecondRight: Int?
  /// McNemar's exact p, of several seeds twice their mean; nil without predictions.
  public var p: Double?

  /// - Parameter pairs: The rows of each seed in both runs; at least one.
  init(_ pairs: [(first: ResultRow, second: ResultRow)]) {
    (attack, defense, seeds) = (pairs[0].first.attack, pairs[0].first.defense, pairs.map(\.first.seed))
    method = .seeds
    func mean(_ values: [Double]) -> Double { Summary(values).mean }
    (first, second) = (mean(pairs.map(\.first.accuracy)), mean(pairs.map(\.second.accuracy)))
    firstBalanced = mean(pairs.map(\.first.balancedAccuracy))
    secondBalanced = mean(pairs.map(\.second.balancedAccuracy))
    accuracy = PairedDifference(overSeeds: pairs.map { $0.second.accuracy - $0.first.accuracy })
    balancedAccuracy = PairedDifference(
      overSeeds: pairs.map { $0.second.balancedAccuracy - $0.first.balancedAccuracy })
  }

  /// Takes the intervals from predictions.
  ///
  /// - Parameter predictions: Those of each seed in both runs.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if they are of other rows.
  mutating func use(_ predictions: [(first: [PredictionRow], second: [PredictionRow])]) throws {
    let rows = predictions[0].first.map { [$0.sample, $0.label] }
    var differences = [Double](repeating: 0, count: rows.count)
    var (onlyFirst, onlySecond, values) = (0, 0, [Double]())
    for (first, second) in predictions {
      for side in [first, second] where side.map({ [$0.sample, $0.label] }) != rows || rows.isEmpty {
        throw CopurError(
          .invalidArgument, "runs are compared on the same test rows (\(attack), \(defense): other rows or labels)")
      }
      var only = (first: 0, second: 0)
      for index in rows.indices {
        let (one, other) = (first[index].isRight, second[index].isRight)
        differences[index] += (other ? 1 : 0) - (one ? 1 : 0)
        if one, !other { only.first += 1 }
        if other, !one { only.second += 1 }
      }
      values.append(McNemarTest.p(onlyFirst: only.first, onlySecond: only.second))
      (onlyFirst, onlySecond) = (onlyFirst + only.first, onlySecond + only.second)
    }
    let means = differences.map { $0 / Double(predictions.count) }
    let bootstrap = RunBootstrap()
    accuracy = PairedDifference(bootstrap.mean(means))
    balancedAccuracy = PairedDifference(bootstrap.balancedMean(means, labels: rows.map { $0[1] }))
    (method, onlyFirstRight, onlySecondRight) = (.rows, onlyFirst, onlySecond)
    p = McNemarTest.combined(values)
  }
}

extension PredictionRow {
  /// Whether the prediction is the true class.
  fileprivate var isRight: Bool { prediction == label }
}
