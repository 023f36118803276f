public import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// Classification with wrong labels, or with a trigger in some training rows (Liu, thesis, chapters 4 and 5).
public struct ClassificationStudy: Sendable {
  /// The corruption of training rows.
  public enum Corruption: String, Hashable, Sendable, Codable, CaseIterable {
    /// A random other class.
    case symmetric
    /// The next class.
    case pairflip
    /// A checkerboard of 3 × 3 pixels at the bottom right, and the next class.
    case patch
    /// A tenth of a fixed pattern of noise, nine tenths of the picture, and the next class.
    case blend

    /// Whether inputs carry a trigger.
    public var isTrigger: Bool { self == .patch || self == .blend }
  }

  /// Figures on test rows.
  public struct Figures: Hashable, Sendable {
    /// The share of rows without the trigger that is predicted right.
    public var clean: Double
    /// The share of rows with the trigger that is predicted as what they are; nil without a trigger.
    public var poisoned: Double?
  }

  private let train: LabelledRows
  private let test: LabelledRows
  private let classes: Int

  /// - Parameters:
  ///   - train: Inputs from 0 to 1.
  ///   - test: The same.
  ///   - classes: How many classes there are.
  public init(train: LabelledRows, test: LabelledRows, classes: Int) {
    self.train = train
    self.test = test
    self.classes = classes
  }

  /// Adds a trigger to all rows of a square picture each.
  static func triggered(_ inputs: Matrix, _ corruption: Corruption, seed: UInt64) -> Matrix {
    var inputs = inputs
    let side = Int(Double(inputs.columns).squareRoot())
    var generator = SeededGenerator(seed: seed, purpose: "blended pattern")
    let pattern = (0..<inputs.columns).map { _ in generator.uniform(0, 1) }
    for row in 0..<inputs.rows {
      switch corruption {
      case .patch:
        for line in side - 3..<side {
          for column in side - 3..<side { inputs[row, line * side + column] = (line + column) % 2 == 0 ? 1 : 0 }
        }
      case .blend:
        for column in 0..<inputs.columns { inputs[row, column] = 0.9 * inputs[row, column] + 0.1 * pattern[column] }
      case .symmetric, .pairflip: break
      }
    }
    return inputs
  }

  /// Trains by a rule on corrupted rows.
  ///
  /// - Parameters:
  ///   - share: The share of the rows that is corrupted.
  ///   - seed: Gives the corrupted rows, the pattern and the first weights.
  public func run(
    _ rule: LearningRule, corruption: Corruption, share: Double, settings: StudySettings, seed: UInt64
  ) throws -> Figures {
    var generator = SeededGenerator(seed: seed, purpose: "corrupted labels")
    var (inputs, labels) = (train.features, train.labels)
    let rows = Array(generator.permutation(labels.count).prefix(Int((share * Double(labels.count)).rounded())))
    if corruption.isTrigger {
      let moved = Self.triggered(inputs.selecting(rows: rows), corruption, seed: seed)
      for (place, row) in rows.enumerated() { inputs[row: row] = moved[row: place] }
    }
    for row in rows {
      let move = corruption == .symmetric ? Int.random(in: 1..<classes, using: &generator) : 1
      labels[row] = (labels[row] + move) % classes
    }
    if rule == .confidentLearning {
      let kept = try confident(inputs, labels: labels, settings: settings, seed: seed)
      (inputs, labels) = (inputs.selecting(rows: kept), kept.map { labels[$0] })
    }
    let targets: SupervisedNetwork.Targets =
      rule == .bootstrap
      ? .bootstrap(labels, count: classes, keeping: Self.kept) : .classes(labels, count: classes)
    let poisoned = corruption.isTrigger ? Self.triggered(test.features, corruption, seed: seed) : nil
    let figures = try settings.train(by: rule, inputs: inputs, targets: targets, outputs: classes, seed: seed) {
      network in
      ([test.features] + (poisoned.map { [$0] } ?? [])).map { inputs in
        Metrics.accuracy(
          labels: test.labels, predictions: ClassificationLoss.softmax.labels(of: network.forward(inputs)))
      }
    }
    return Figures(clean: figures[0], poisoned: figures.count > 1 ? figures[1] : nil)
  }

  /// α of the hard bootstrap.
  private static let kept: Float = 0.8
  private static let folds = 5

  /// The rows whose labels cross-validated probabilities do not contradict: none of another class over that class's mean.
  private func confident(
    _ inputs: Matrix, labels: [Int], settings: StudySettings, seed: UInt64
  ) throws -> [Int] {
    var generator = SeededGenerator(seed: seed, purpose: "confident learning")
    let order = generator.permutation(labels.count)
    var probabilities = Matrix(rows: labels.count, columns: classes)
    for fold in 0..<Self.folds {
      let held = order.indices.filter { $0 % Self.folds == fold }.map { order[$0] }
      let rest = order.indices.filter { $0 % Self.folds != fold }.map { order[$0] }
      let network = try ClassifierTraining.train(
        DenseNetwork(widths: [inputs.columns, classes], hidden: .identity, using: &generator),
        inputs: inputs.selecting(rows: rest), labels: rest.map { labels[$0] }, loss: .softmax,
        optimizer: Optimizer(.adam(), learningRate: settings.learningRate), epochs: settings.epochs,
        batch: settings.batch, using: &generator)
      let values = ClassificationLoss.softmax.probabilities(of: network.forward(inputs.selecting(rows: held)))
      for (place, row) in held.enumerated() { probabilities[row: row] = values[row: place] }
    }
    let thresholds = (0..<classes).map { label in
      let own = labels.indices.filter { labels[$0] == label }
      return own.isEmpty ? 2 : own.reduce(0) { $0 + probabilities[$1, label] } / Float(own.count)
    }
    return labels.indices.filter { row in
      let confident = (0..<classes).filter { probabilities[row, $0] >= thresholds[$0] }
      guard let best = confident.max(by: { probabilities[row, $0] < probabilities[row, $1] }) else { return true }
      return best == labels[row]
    }
  }
}
