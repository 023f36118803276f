internal import CopurCore
public import CopurLearning
public import CopurNumerics

/// The training of ``AblatedPixels`` (Levine and Feizi 2020, table 10), an epoch at a time.
///
/// All that an epoch depends on is in this value and in the rows: a training that is written to a file after an epoch and read
/// again goes on to the same bits.
public struct AblatedPixelTraining: Sendable {
  /// The course of step sizes over a training.
  public enum Schedule: String, Hashable, Sendable, Codable, CaseIterable {
    /// The paper's: one size in the first half of the epochs, another in the second.
    case halves
    /// A departure for trainings of fewer epochs: sizes grow to the first size over a fifth of the steps, and then fall to 0
    /// along a cosine (Smith 2018).
    case oneCycle = "one-cycle"
  }

  /// The settings of a training.
  public struct Settings: Hashable, Sendable, Codable {
    /// A picture's extents.
    public var shape: ImageShape
    /// The number of classes; at least 2.
    public var classes: Int
    /// k, how many pixels are kept, in training as later.
    public var keep: Int
    /// The numbers of a pixel and of NULL.
    public var encoding: NullEncoding
    /// The channels of each convolution.
    public var channels = [64, 128]
    /// The width of each hidden dense layer.
    public var hidden = [500, 100]
    /// Passes over the rows.
    public var epochs = 400
    /// Rows a step; one set of kept pixels is drawn a step.
    public var batch = 128
    /// The course of step sizes over the training.
    public var schedule = Schedule.halves
    /// The step size in the first half of the epochs, or the largest of a cycle.
    public var rate: Float = 0.01
    /// The step size in the second half.
    public var laterRate: Float = 0.001
    /// The momentum.
    public var momentum: Float = 0.9
    /// The steps over which the step size grows in a straight line from 0; 0 for the paper's training. A departure: without
    /// it the first two epochs stay at chance.
    public var warmUpSteps = 0
    /// The seed of first weights, orders and sets of kept pixels.
    public var seed: UInt64 = 0

    /// The paper's settings for other pictures, k and encoding.
    public init(shape: ImageShape, classes: Int, keep: Int, encoding: NullEncoding = .twoChannel) {
      self.shape = shape
      self.classes = classes
      self.keep = keep
      self.encoding = encoding
    }

    /// - Throws: ``CopurError`` of code `.invalidArgument` if a setting breaks its rule.
    public func validate() throws {
      func check(_ rule: String, _ actual: String, _ holds: Bool) throws {
        if !holds { throw CopurError(.invalidArgument, "\(rule) (actual: \(actual))") }
      }
      try check(
        "pictures have rows, columns and channels, at most \(Architecture.widthLimit) numbers", "\(shape)",
        shape.rows >= 1 && shape.columns >= 1 && shape.channels >= 1 && shape.count <= Architecture.widthLimit / 2)
      try check("pictures are of 2 classes and up", "\(classes)", classes >= 2)
      try check("from 1 to \(shape.pixelCount) pixels are kept", "\(keep)", (1...shape.pixelCount).contains(keep))
      if case .mean(let means) = encoding {
        try check(
          "a mean has a finite value a channel, \(shape.channels)", "\(means)",
          means.count == shape.channels && means.allSatisfy(\.isFinite))
      }
      try check("a training has 1 epoch and up", "\(epochs)", epochs >= 1)
      try check("a step has 1 row and up", "\(batch)", batch >= 1)
      try check(
        "step sizes are above 0", "\(rate), \(laterRate)", rate > 0 && laterRate > 0 && (rate + laterRate).isFinite)
      try check("a momentum is from 0 to under 1", "\(momentum)", (0..<1).contains(momentum))
      try check("a warm-up has 0 steps and up", "\(warmUpSteps)", warmUpSteps >= 0)
    }

    /// The step size of a step, both counted from 0 over all of the training.
    ///
    /// - Parameter stepsOfAnEpoch: At least 1.
    package func rate(epoch: Int, step: Int, stepsOfAnEpoch: Int) -> Float {
      if schedule == .oneCycle { return rate * Optimizer.share(Double(step) / Double(epochs * stepsOfAnEpoch)) }
      let rate = 2 * epoch < epochs ? rate : laterRate
      return step < warmUpSteps ? rate * Float(step + 1) / Float(warmUpSteps) : rate
    }

    /// The base classifier without its parameters.
    func architecture() throws -> Architecture {
      let channels = encoding.encodedChannels(shape.channels)
      return try AblatedPixels.baseNetwork(
        ImageShape(rows: shape.rows, columns: shape.columns, channels: channels), classes: classes,
        channels: self.channels, hidden: hidden)
    }
  }

  /// The settings.
  public let settings: Settings
  /// The classifier after the last epoch.
  public private(set) var model: AblatedPixels
  /// The number of epochs that have been run.
  public private(set) var epoch: Int
  let optimizer: Optimizer

  /// A training that has not begun.
  ///
  /// - Throws: ``CopurError`` or `ArchitectureError` if a setting breaks its rule.
  public init(_ settings: Settings) throws {
    try settings.validate()
    var generator = SeededGenerator(seed: settings.seed, purpose: "first weights of the base classifier")
    try self.init(
      settings, network: Network(settings.architecture(), using: &generator),
      optimizer: Optimizer(.momentum(decay: settings.momentum), learningRate: settings.rate), epoch: 0)
  }

  init(_ settings: Settings, network: Network, optimizer: Optimizer, epoch: Int) throws {
    self.settings = settings
    self.optimizer = optimizer
    self.epoch = epoch
    model = AblatedPixels(
      shape: settings.shape, classes: settings.classes, keep: settings.keep, encoding: settings.encoding,
      network: network)
  }

  /// The mean of each channel over pictures, for ``NullEncoding/mean(_:)``.
  ///
  /// - Parameter pictures: [n, shape.count].
  public static func means(of pictures: Matrix, shape: ImageShape) -> [Float] {
    precondition(pictures.columns == shape.count)
    var sums = [Double](repeating: 0, count: shape.channels)
    pictures.values.withUnsafeBufferPointer { pictures in
      for pixel in 0..<pictures.count / shape.channels {
        for channel in 0..<shape.channels { sums[channel] += Double(pictures[pixel * shape.channels + channel]) }
      }
    }
    return sums.map { Float($0 / Double(max(1, pictures.rows * shape.pixelCount))) }
  }

  /// Whether all epochs have been run.
  public var isComplete: Bool { epoch >= settings.epochs }

  /// Runs the next epoch: the rows in an order of its own, in mini-batches with one set of kept pixels each.
  ///
  /// - Parameters:
  ///   - pictures: [n, shape.count], numbers from 0 to 1; the same rows in every epoch.
  ///   - labels: The class of each.
  /// - Returns: The mean cross-entropy over the epoch.
  /// - Throws: ``CopurError`` if rows and labels do not fit; `CancellationError` if the task is cancelled; `NumericsError` if
  ///   the loss stops being finite. The training is then as it was before the epoch.
  @discardableResult
  public mutating func runEpoch(_ pictures: Matrix, labels: [Int]) throws -> Float {
    try settings.shape.check(pictures, labels: labels, classes: settings.classes)
    var generator = SeededGenerator(seed: settings.seed, purpose: "ablation epoch \(epoch)")
    let order = generator.permutation(pictures.rows)
    var masks = PixelMasks(pixels: settings.shape.pixelCount, keep: settings.keep)
    var next = model
    var optimizer = optimizer
    let stepsOfAnEpoch = max(1, (pictures.rows + settings.batch - 1) / settings.batch)
    var step = epoch * stepsOfAnEpoch
    var total = 0.0
    for start in stride(from: 0, to: order.count, by: settings.batch) {
      try Task.checkCancellation()
      let rows = order[start..<min(start + settings.batch, order.count)]
      let input = next.encode(pictures, rows: rows, mask: masks.draw(using: &generator))
      let trace = next.network.trace(input, in: .training(seed: generator.next()))
      let (value, gradient) = ClassificationLoss.softmax(trace.output, labels: rows.map { labels[$0] })
      optimizer.learningRate = settings.rate(epoch: epoch, step: step, stepsOfAnEpoch: stepsOfAnEpoch)
      next.network.update(
        by: next.network.parameterGradient(trace, outputGradient: gradient), with: &optimizer)
      total += Double(value) * Double(rows.count)
      step += 1
    }
    let mean = Float(total / Double(order.count))
    guard mean.isFinite else {
      throw NumericsError("the loss is \(mean) in epoch \(epoch + 1): the learning rate is too large")
    }
    self = try AblatedPixelTraining(settings, network: next.network, optimizer: optimizer, epoch: epoch + 1)
    return mean
  }
}
