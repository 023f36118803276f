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

/// One autoencoder that trains on all rows and scores in one pass: what RCA has to be better than.
public struct PlainAutoencoder: Detector {
  public static var entry: KindEntry<any Detector> {
    KindEntry(
      "autoencoder", "One autoencoder of RCA's shape, trained on all rows; no selection, no ensemble.",
      PlainAutoencoder())
  }
  public static var settings: [Setting<PlainAutoencoder>] {
    let own = ["epochs", "batch", "learning_rate", "hidden", "code", "dropout"]
    return AutoencoderEnsemble.settings.filter { own.contains($0.description.key) }.map { $0.at(\.ensemble) }
  }

  /// The network and its training.
  public var ensemble: AutoencoderEnsemble

  /// The settings of ``RCA``.
  public init() {
    ensemble = AutoencoderEnsemble()
    (ensemble.networks, ensemble.selection, ensemble.passes) = (1, false, 0)
  }

  public var usesShare: Bool { false }

  public func fit(
    _ rows: Matrix, share: Double, seed: UInt64, progress: @escaping (Double) -> Void
  ) throws -> any FittedDetector {
    FittedEnsemble(
      ensemble: ensemble,
      models: try ensemble.fit(rows, share: 0, seed: seed, progress: progress) { shape, optimizer, generator in
        DropoutAutoencoder(shape, inputs: rows, optimizer: optimizer, using: &generator)
      }, seed: seed
    ) { $0.errors(of: $1, seed: $2) }
  }
}
