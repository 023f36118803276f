internal import CopurCore
internal import CopurNumerics

/// The share of anomalies that a detector is told.
public enum ShareRule: Hashable, Sendable {
  /// That of the training rows, from the truth, and as much more or less, but not under 0: what papers assume.
  case known(plus: Double)
  /// An estimate from the training rows' scores.
  case estimated
  /// A number, from 0 to under 1.
  case given(Double)
}

/// One detector on one table: rows are split, it is fitted to one part without a label, and scores the other.
public struct DetectionTrial: Sendable {
  /// The outcome of a detector on a table.
  public struct Outcome: Sendable {
    /// The share that the detector was told.
    public var share: Double
    /// The scores of the rows that it was not fitted to; of all rows where there is no truth and so no split.
    public var scores: [Float]
    /// Their places in the table.
    public var rows: [Int]
    /// The score from which on a row is called an anomaly: that which leaves the share of the training rows above it.
    public var threshold: Float
    /// The area under the curve on these rows; nil without a truth, or if they are all alike.
    public var area: Double?
    /// Seconds of the fit, and of scoring.
    public var seconds: (fit: Double, score: Double)
  }

  /// The share of the rows that it is fitted to, where there is a truth to judge by.
  public static let trainingShare = 0.6

  /// - Parameters:
  ///   - seed: Gives the split, which is the same for all detectors, and what is random in a fit.
  ///   - progress: Called with the share of the fit that is done.
  /// - Throws: What the detector throws; ``CopurError`` of code `.invalidArgument` if there are too few rows.
  public static func run(
    _ detector: any Detector, on table: DetectionTable, rule: ShareRule, seed: UInt64,
    progress: @escaping (Double) -> Void = { _ in }
  ) throws -> Outcome {
    guard table.rows.rows >= 10, table.rows.columns >= 1 else {
      throw CopurError(
        .invalidArgument,
        "\(table.name): a table to look for anomalies in has at least 10 rows and a column (actual: \(table.rows.rows) × "
          + "\(table.rows.columns))")
    }
    var generator = SeededGenerator(seed: seed, purpose: "split")
    let order = generator.permutation(table.rows.rows)
    let count = Int(trainingShare * Double(order.count))
    let isSplit = table.truth != nil
    let (train, test) = isSplit ? (Array(order[..<count]), order[count...].sorted()) : (Array(order), order.sorted())
    let preparation = TablePreparation(fitting: table.rows.selecting(rows: train))
    let (fitted, judged) = (
      preparation.apply(to: table.rows.selecting(rows: train)), preparation.apply(to: table.rows.selecting(rows: test))
    )
    let share: Double
    switch rule {
    case .given(let given): share = given
    case .estimated: share = try estimate(fitted, seed: seed)
    case .known(let more):
      guard let truth = table.truth else {
        throw CopurError(
          .invalidArgument, "\(table.name): without the truth its share is not known; use `auto` or a number")
      }
      share = min(max(Double(train.count { truth[$0] }) / Double(train.count) + more, 0), 0.99)
    }
    let clock = ContinuousClock()
    let start = clock.now
    let model = try detector.fit(fitted, share: share, seed: seed, progress: progress)
    let middle = clock.now
    let scores = try model.scores(judged)
    let end = clock.now
    guard scores.allSatisfy(\.isFinite) else {
      throw CopurError(.software, "\(table.name): \(detector.kind) gives scores that are not finite")
    }
    let ofTraining = isSplit ? try model.scores(fitted) : scores
    return Outcome(
      share: share, scores: scores, rows: test, threshold: threshold(ofTraining, share: share),
      area: table.truth.flatMap { truth in RankingMeasure.area(scores, isPositive: test.map { truth[$0] }) },
      seconds: ((middle - start) / .seconds(1), (end - middle) / .seconds(1)))
  }

  /// The score that leaves a share of the scores above it.
  static func threshold(_ scores: [Float], share: Double) -> Float {
    let sorted = scores.sorted()
    let kept = Int(((1 - share) * Double(sorted.count)).rounded())
    return kept >= sorted.count ? Float.greatestFiniteMagnitude : sorted[kept]
  }

  /// An estimate by the errors of an autoencoder that has had a thousand steps or so: enough to know what is common.
  private static func estimate(_ rows: Matrix, seed: UInt64) throws -> Double {
    var probe = PlainAutoencoder()
    probe.ensemble.dropout = 0
    let steps = (rows.rows + probe.ensemble.batch - 1) / probe.ensemble.batch
    probe.ensemble.epochs = min(max(1000 / steps, 5), 100)
    let errors = try probe.fit(rows, share: 0, seed: seed, progress: { _ in }).scores(rows)
    return ShareEstimate.of(errors)
  }
}
