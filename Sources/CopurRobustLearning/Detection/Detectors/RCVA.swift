public import CopurCore
internal import CopurLearning
public import CopurNumerics

/// RCA with variational autoencoders (Liu, thesis, section 2.3).
public struct RCVA: Detector {
  public static var entry: KindEntry<any Detector> {
    KindEntry("rcva", "RCA with variational autoencoders: a score is the mean error over codes that are drawn.", RCVA())
  }
  public static var settings: [Setting<RCVA>] { AutoencoderEnsemble.settings.map { $0.at(\.ensemble) } }

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
        try VariationalAutoencoder(shape, inputs: rows, optimizer: optimizer, using: &generator)
      }, seed: seed
    ) { $0.errors(of: $1, seed: $2) }
  }
}
