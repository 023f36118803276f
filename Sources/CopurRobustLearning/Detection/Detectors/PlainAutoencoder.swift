public import CopurCore
internal import CopurLearning
public import CopurNumerics

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
