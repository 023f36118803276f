public import CopurCore
internal import CopurLearning
public import CopurNumerics

/// Robust collaborative autoencoders (Liu, thesis, chapter 2, Algorithm 1): each network trains on the rows that another one
/// reconstructs best, and a score is the mean error over passes with dropout.
public struct RCA: Detector {
  public static var entry: KindEntry<any Detector> {
    KindEntry(
      "rca",
      "Autoencoders that select training rows for each other, with an ensemble by dropout (thesis, Algorithm 1).",
      RCA())
  }
  public static var settings: [Setting<RCA>] { AutoencoderEnsemble.settings.map { $0.at(\.ensemble) } }

  /// The networks and their training.
  public var ensemble = AutoencoderEnsemble()

  /// The thesis's settings.
  public init() {}

  public func fit(
    _ rows: Matrix, share: Double, seed: UInt64, progress: @escaping (Double) -> Void
  ) throws -> any FittedDetector {
    FittedEnsemble(
      ensemble: ensemble,
      models: try ensemble.fit(rows, share: share, seed: seed, progress: progress) { shape, optimizer, generator in
        DropoutAutoencoder(shape, inputs: rows, optimizer: optimizer, using: &generator)
      }, seed: seed
    ) { $0.errors(of: $1, seed: $2) }
  }
}
