public import CopurCore
internal import CopurLearning
internal import CopurNumerics

extension PictureClassifier {
  /// The settings by which a classifier is trained on pictures that PGD moves against it as it is (Madry et al. 2018).
  public struct Training: Hashable, Sendable, Codable {
    /// Passes over the pictures.
    public var epochs: Int
    /// Pictures a step.
    public var batch: Int
    /// Adam's step size.
    public var learningRate: Float
    /// The number of steps of PGD, each 2.5/steps of ε long, from a random start; 0 for a training on the pictures as they
    /// are.
    public var attackSteps: Int
    /// The share of the training over which ε grows from 0 to what it is said to be; 0 for none. With a large ε a
    /// training from random weights may otherwise stay at chance.
    public var growth: Double

    public init(
      epochs: Int = 6, batch: Int = 128, learningRate: Float = 1e-3, attackSteps: Int = 5, growth: Double = 0
    ) {
      self.epochs = epochs
      self.batch = batch
      self.learningRate = learningRate
      self.attackSteps = attackSteps
      self.growth = growth
    }

    /// - Throws: `CopurError` if a value breaks its rule.
    func check() throws {
      guard epochs >= 1, batch >= 2, learningRate > 0, learningRate.isFinite, attackSteps >= 0, (0...1).contains(growth)
      else {
        throw CopurError(
          .invalidArgument,
          "a classifier's training has an epoch or more, batches of 2 or more, a learning rate over 0, attack steps of "
            + "0 or more, a growth from 0 to 1 "
            + "(actual: \(epochs), \(batch), \(learningRate), \(attackSteps), \(growth))")
      }
    }
  }

  /// The classifier after a training.
  ///
  /// - Parameters:
  ///   - pictures: Features from 0 to 1, [n, shape.count], with labels below ``classes``.
  ///   - radius: ε, 0 or more.
  ///   - seed: The order of the pictures and the starts of PGD follow from it.
  ///   - progress: Called after each epoch with its number, from 1, and the mean loss of the moved pictures.
  /// - Throws: `CopurError` if a setting or the pictures break a rule, `NumericsError` if the loss stops being finite,
  ///   `CancellationError` if the task is cancelled.
  public func trained(
    on pictures: LabelledRows, radius: Float, _ training: Training, seed: UInt64,
    progress: (Int, Float) -> Void = { _, _ in }
  ) throws -> PictureClassifier {
    try training.check()
    try PictureRows.check(pictures, shape: shape, classes: classes, radius: radius)
    var network = network
    var optimizer = Optimizer(.adam(), learningRate: training.learningRate)
    var batches = PictureBatches(
      rows: pictures.labels.count, batch: training.batch, epochs: training.epochs, seed: seed,
      purpose: "training of a classifier")
    let attack = SignAscent(
      AttackObjective(.meanLogit, .crossEntropy), steps: max(1, training.attackSteps), keepsBest: false)
    try batches.run(progress: progress) { rows, place in
      var inputs = pictures.features.selecting(rows: rows)
      let labels = rows.map { pictures.labels[$0] }
      if training.attackSteps > 0 {
        let grown = training.growth > 0 ? min(1, place.progress / training.growth) : 1
        inputs = try attack.search(
          PictureBall(inputs, radius: radius * Float(grown)), labels: labels, numbers: rows,
          against: replacing(network), seed: place.seed)
      }
      let trace = network.trace(inputs, in: .training(seed: place.seed))
      let (value, slopes) = ClassificationLoss.softmax(trace.output, labels: labels)
      network.update(by: network.parameterGradient(trace, outputGradient: slopes), with: &optimizer)
      return value
    }
    return replacing(network)
  }
}
