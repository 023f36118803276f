public import CopurCore
public import CopurNumerics

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
