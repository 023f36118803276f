public import CopurCore
public import CopurNumerics

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
