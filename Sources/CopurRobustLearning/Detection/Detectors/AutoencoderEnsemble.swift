internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// The settings that RCA and its like share, and their training: networks that select rows for each other (Liu, thesis,
/// chapter 2, Algorithm 1).
public struct AutoencoderEnsemble: Hashable, Sendable {
  /// k, how many networks; at least 1.
  public var networks = 2
  /// Whether each network steps on what another one kept, or on what it kept itself.
  public var exchange = true
  /// Whether rows are left out at all.
  public var selection = true
  /// v, how many passes with dropout a score is the mean of; 0: one pass without dropout.
  public var passes = 100
  /// Passes over the rows in training.
  public var epochs = 200
  /// α, over which share of the epochs the kept share falls.
  public var fall: Float = 0.5
  /// Rows a step.
  public var batch = 128
  /// Adam's step size.
  public var learningRate: Float = 3e-4
  /// The width of the hidden layers.
  public var hidden = 256
  /// The width of the code.
  public var code = 10
  /// The probability with which a step leaves a hidden value out.
  public var dropout: Float = 0.5

  /// The thesis's settings, but for v, which is 1000 there and a hundred here, to score in a tenth of the time.
  public init() {}

  static var settings: [Setting<AutoencoderEnsemble>] {
    [
      .integer("networks", \.networks, 1...16, "how many networks select rows for each other"),
      .boolean("exchange", \.exchange, "whether each network steps on what another one kept"),
      .boolean("selection", \.selection, "whether doubtful rows are left out of steps"),
      .integer("passes", \.passes, 0...100_000, "how many passes with dropout a score is the mean of; 0: one without"),
      .integer("epochs", \.epochs, 1...1_000_000, "passes over the rows in training"),
      .number("fall", \.fall, .fraction, "over which share of the epochs the kept share falls"),
      .integer("batch", \.batch, 1...1 << 20, "rows a step"),
      .number("learning_rate", \.learningRate, .positive, "Adam's step size"),
      .integer("hidden", \.hidden, 1...1 << 14, "the width of the hidden layers"),
      .integer("code", \.code, 1...1 << 14, "the width of the code"),
      .number("dropout", \.dropout, .underOne, "the probability with which a step leaves a hidden value out"),
    ]
  }

  func fit<Model: SelectableModel>(
    _ rows: Matrix, share: Double, seed: UInt64, progress: @escaping (Double) -> Void,
    model: (DropoutAutoencoder.Shape, Optimizer, inout SeededGenerator) throws -> Model
  ) throws -> [Model] {
    var shape = DropoutAutoencoder.Shape()
    (shape.hidden, shape.code, shape.dropout) = (hidden, code, dropout)
    var generator = SeededGenerator(seed: seed, purpose: "autoencoders")
    var models = try (0..<networks).map { _ in
      try model(shape, Optimizer(.adam(), learningRate: learningRate), &generator)
    }
    let training = SelectiveTraining(
      share: KeptShare(leftOut: selection ? share : 0, over: Double(fall) * Double(epochs)), exchanges: exchange,
      epochs: epochs, batch: batch)
    try training.train(&models, rows: rows.rows, using: &generator) { epoch, _ in
      progress(Double(epoch) / Double(epochs))
    }
    return models
  }

  /// The mean over passes and networks of reconstruction errors.
  func scores<Model>(
    _ rows: Matrix, models: [Model], seed: UInt64, errors: (Model, Matrix, UInt64?) -> [Float]
  ) throws -> [Float] {
    var sums = [Double](repeating: 0, count: rows.rows)
    var seeds = SeededGenerator(seed: seed, purpose: "passes of a score")
    for model in models {
      for _ in 0..<max(1, passes) {
        try Task.checkCancellation()
        let values = errors(model, rows, passes == 0 ? nil : seeds.next())
        for index in sums.indices { sums[index] += Double(values[index]) }
      }
    }
    let count = Double(models.count * max(1, passes))
    return sums.map { Float($0 / count) }
  }
}

/// Trained autoencoders.
struct FittedEnsemble<Model: Sendable>: FittedDetector {
  let ensemble: AutoencoderEnsemble
  let models: [Model]
  let seed: UInt64
  let errors: @Sendable (Model, Matrix, UInt64?) -> [Float]

  func scores(_ rows: Matrix) throws -> [Float] {
    try ensemble.scores(rows, models: models, seed: seed, errors: errors)
  }
}
