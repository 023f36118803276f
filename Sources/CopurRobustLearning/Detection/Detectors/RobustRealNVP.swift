public import CopurCore
internal import CopurLearning
public import CopurNumerics

/// What the three flows share: couplings, and a training that leaves rows of low density out of each mini-batch (Liu, thesis,
/// chapter 3, Algorithm 2).
public struct FlowTraining: Hashable, Sendable {
  /// How many couplings.
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

/// A normalising flow trained on the rows of largest density, its networks' Lipschitz constants bounded, so that no few rows
/// bend it to themselves.
public struct RobustRealNVP: Detector {
  public static var entry: KindEntry<any Detector> {
    KindEntry(
      "robust-realnvp",
      "A normalising flow that leaves rows of low density out and bounds its networks' singular values (thesis, "
        + "Algorithm 2).", RobustRealNVP())
  }
  public static var settings: [Setting<RobustRealNVP>] {
    (FlowTraining.settings + [FlowTraining.limit]).map { $0.at(\.flow) }
  }

  /// The flow and its training.
  public var flow = FlowTraining()

  /// The settings of the thesis's code.
  public init() {}

  public func fit(
    _ rows: Matrix, share: Double, seed: UInt64, progress: @escaping (Double) -> Void
  ) throws -> any FittedDetector {
    try flow.fit(rows, share: share, isLimited: true, seed: seed, progress: progress)
  }
}

/// ``RobustRealNVP`` without the bound.
public struct TrimRealNVP: Detector {
  public static var entry: KindEntry<any Detector> {
    KindEntry("trim-realnvp", "RobustRealNVP without a bound on singular values.", TrimRealNVP())
  }
  public static var settings: [Setting<TrimRealNVP>] { FlowTraining.settings.map { $0.at(\.flow) } }

  /// The flow and its training.
  public var flow = FlowTraining()

  /// The settings of the thesis's code.
  public init() {}

  public func fit(
    _ rows: Matrix, share: Double, seed: UInt64, progress: @escaping (Double) -> Void
  ) throws -> any FittedDetector {
    try flow.fit(rows, share: share, isLimited: false, seed: seed, progress: progress)
  }
}

/// A normalising flow trained on all rows (Dinh, Sohl-Dickstein and Bengio 2017): what the robust ones have to be better than.
public struct RealNVP: Detector {
  public static var entry: KindEntry<any Detector> {
    KindEntry("realnvp", "A normalising flow trained on all rows, without bounds.", RealNVP())
  }
  public static var settings: [Setting<RealNVP>] { FlowTraining.settings.map { $0.at(\.flow) } }

  /// The flow and its training.
  public var flow = FlowTraining()

  /// The settings of the thesis's code.
  public init() {}

  public var usesShare: Bool { false }

  public func fit(
    _ rows: Matrix, share: Double, seed: UInt64, progress: @escaping (Double) -> Void
  ) throws -> any FittedDetector {
    try flow.fit(rows, share: 0, isLimited: false, seed: seed, progress: progress)
  }
}
