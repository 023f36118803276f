public import CopurCore
internal import CopurLearning
public import CopurNumerics

/// Isolation forest, the rival that takes a fraction of a second.
public struct IsolationForestDetector: Detector {
  public static var entry: KindEntry<any Detector> {
    KindEntry(
      "isolation-forest", "Trees of random cuts, in which what is few and different is soon alone (Liu et al. 2008).",
      IsolationForestDetector())
  }
  public static var settings: [Setting<IsolationForestDetector>] {
    [
      .integer("trees", \.trees, 1...100_000, "how many trees"),
      .integer("sample", \.sample, 2...1 << 20, "how many rows each tree sees"),
    ]
  }

  /// The number of trees.
  public var trees = 100
  /// The number of rows that each tree sees.
  public var sample = 256

  /// The paper's settings.
  public init() {}

  public var usesShare: Bool { false }

  public func fit(
    _ rows: Matrix, share: Double, seed: UInt64, progress: @escaping (Double) -> Void
  ) throws -> any FittedDetector {
    var settings = IsolationForest.Settings()
    (settings.trees, settings.sample) = (trees, sample)
    var generator = SeededGenerator(seed: seed, purpose: "isolation forest")
    let forest = IsolationForest(settings, fitting: rows, using: &generator)
    progress(1)
    return Fitted(forest: forest)
  }

  private struct Fitted: FittedDetector {
    let forest: IsolationForest

    func scores(_ rows: Matrix) -> [Float] { forest.scores(rows) }
  }
}
