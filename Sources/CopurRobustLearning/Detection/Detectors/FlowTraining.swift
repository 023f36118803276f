internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// Settings that the three flows share: couplings, and a training that leaves rows of low density out of each mini-batch (Liu, thesis,
/// chapter 3, Algorithm 2).
public struct FlowTraining: Hashable, Sendable {
  /// The number of couplings.
  public var couplings = 6
  /// The width of the hidden layers of s and t.
  public var hidden = 256
  /// The largest singular value of the layers of s and t.
  public var spectralLimit: Float = 1.5
  /// Passes over the rows.
  public var epochs = 100
  /// Over which share of the epochs the kept share falls.
  public var fall: Float = 0.05
  /// Rows a step.
  public var batch = 128
  /// Adam's step size.
  public var learningRate: Float = 3e-4

  /// The settings of the thesis's code, but for the epochs, of which that has 50.
  public init() {}

  static var settings: [Setting<FlowTraining>] {
    [
      .integer("couplings", \.couplings, 1...64, "how many couplings, with halves that alternate"),
      .integer("hidden", \.hidden, 1...1 << 14, "the width of the hidden layers of scales and shifts"),
      .integer("epochs", \.epochs, 1...1_000_000, "passes over the rows"),
      .number("fall", \.fall, .fraction, "over which share of the epochs the kept share falls"),
      .integer("batch", \.batch, 1...1 << 20, "rows a step"),
      .number("learning_rate", \.learningRate, .positive, "Adam's step size"),
    ]
  }

  static var limit: Setting<FlowTraining> {
    .number(
      "spectral_limit", \.spectralLimit, .positive, "the largest singular value of the layers of scales and shifts")
  }

  func fit(
    _ rows: Matrix, share: Double, isLimited: Bool, seed: UInt64, progress: @escaping (Double) -> Void
  ) throws -> any FittedDetector {
    guard rows.columns >= 2 else {
      throw CopurError(.invalidArgument, "a flow's rows have at least 2 columns (actual: \(rows.columns))")
    }
    var shape = NormalizingFlow.Shape()
    (shape.couplings, shape.hidden, shape.spectralLimit) = (couplings, hidden, isLimited ? spectralLimit : nil)
    var generator = SeededGenerator(seed: seed, purpose: "flow")
    var flows = [
      try NormalizingFlow(
        shape, inputs: rows, optimizer: Optimizer(.adam(), learningRate: learningRate), using: &generator)
    ]
    let training = SelectiveTraining(
      share: KeptShare(leftOut: share, over: (Double(fall) * Double(epochs)).rounded(.up)), exchanges: false,
      epochs: epochs, batch: batch)
    try training.train(&flows, rows: rows.rows, using: &generator) { epoch, _ in
      progress(Double(epoch) / Double(epochs))
    }
    return FittedFlow(flow: flows[0])
  }

  private struct FittedFlow: FittedDetector {
    let flow: NormalizingFlow

    func scores(_ rows: Matrix) -> [Float] { flow.negativeLogDensities(rows) }
  }
}
