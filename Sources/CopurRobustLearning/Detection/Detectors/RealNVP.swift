public import CopurCore
public import CopurNumerics

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
