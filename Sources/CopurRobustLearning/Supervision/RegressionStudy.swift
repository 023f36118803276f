internal import CopurLearning
public import CopurNumerics

/// Regression with a share of the targets corrupted (Liu, thesis, section 4.3): the columns of a table predict its last ones.
public struct RegressionStudy: Sendable {
  /// The corruption of a row's target, which is standardised.
  public enum Corruption: String, Hashable, Sendable, Codable, CaseIterable {
    /// A random linear map of the inputs.
    case linadv
    /// −y.
    case signflip
    /// Uniform on [−5, 5].
    case uninoise
    /// The coordinates in another order, the same for all.
    case pairflip
    /// One of the four, drawn for each row.
    case mixture
  }

  private let train: (inputs: Matrix, targets: Matrix)
  private let test: (inputs: Matrix, targets: Matrix)

  /// Splits rows at random, four fifths to train on, and standardises columns by those.
  ///
  /// - Parameters:
  ///   - rows: [n, d], finite.
  ///   - targets: How many of the last columns are predicted; from 1 to under d.
  ///   - seed: Gives the split.
  public init(_ rows: Matrix, targets: Int, seed: UInt64) {
    precondition((1..<rows.columns).contains(targets) && rows.rows >= 10)
    var generator = SeededGenerator(seed: seed, purpose: "split of a study")
    let order = generator.permutation(rows.rows)
    let count = rows.rows * 4 / 5
    var (train, test) = (rows.selecting(rows: order[..<count]), rows.selecting(rows: order[count...]))
    let means = train.columnMeans
    let deviations = (0..<rows.columns).map { column in
      let squares = (0..<train.rows).reduce(0.0) { sum, row in
        let gap = Double(train[row, column] - means[column])
        return sum + gap * gap
      }
      let deviation = Float((squares / Double(train.rows)).squareRoot())
      return deviation > 0 ? deviation : 1
    }
    func standardize(_ matrix: inout Matrix) {
      for row in 0..<matrix.rows {
        for column in 0..<matrix.columns {
          matrix[row, column] = (matrix[row, column] - means[column]) / deviations[column]
        }
      }
    }
    standardize(&train)
    standardize(&test)
    let split = rows.columns - targets
    self.train = (train.columns(0..<split), train.columns(split..<rows.columns))
    self.test = (test.columns(0..<split), test.columns(split..<rows.columns))
  }

  /// The training targets with a share of rows corrupted.
  func corrupted(_ corruption: Corruption, share: Double, seed: UInt64) -> Matrix {
    var generator = SeededGenerator(seed: seed, purpose: "corrupted targets")
    var targets = train.targets
    let (inputs, width) = (train.inputs.columns, targets.columns)
    let map = generator.normalMatrix(rows: inputs, columns: width)
    let order = width == 1 ? [0] : (0..<width).map { ($0 + 1) % width }
    let linear = Matrix.product(train.inputs, map)
    for row in generator.permutation(targets.rows).prefix(Int((share * Double(targets.rows)).rounded())) {
      let kinds = Corruption.allCases.filter { $0 != .mixture }
      let kind = corruption == .mixture ? kinds[Int.random(in: 0..<kinds.count, using: &generator)] : corruption
      for column in 0..<width {
        switch kind {
        case .linadv: targets[row, column] = linear[row, column]
        case .signflip: targets[row, column] = -train.targets[row, column]
        case .uninoise: targets[row, column] = generator.uniform(-5, 5)
        case .pairflip, .mixture: targets[row, column] = train.targets[row, order[column]]
        }
      }
    }
    return targets
  }

  /// R² on clean test rows, the mean over targets: 1 less the share of the variance that is not explained.
  public func run(
    _ rule: LearningRule, corruption: Corruption, share: Double, settings: StudySettings, seed: UInt64
  ) throws -> Double {
    let targets = corrupted(corruption, share: share, seed: seed)
    return try settings.train(
      by: rule, inputs: train.inputs, targets: rule == .huber ? .huber(targets) : .vectors(targets),
      outputs: targets.columns, seed: seed
    ) { [Self.determination(of: $0.forward(test.inputs), test.targets)] }[0]
  }

  static func determination(of predictions: Matrix, _ targets: Matrix) -> Double {
    let means = targets.columnMeans
    var sum = 0.0
    for column in 0..<targets.columns {
      var (residual, total) = (0.0, 0.0)
      for row in 0..<targets.rows {
        let (gap, spread) = (targets[row, column] - predictions[row, column], targets[row, column] - means[column])
        residual += Double(gap) * Double(gap)
        total += Double(spread) * Double(spread)
      }
      sum += 1 - residual / max(total, .leastNormalMagnitude)
    }
    return sum / Double(targets.columns)
  }
}
