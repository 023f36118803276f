package import CopurCore
internal import CopurLearning
package import CopurNumerics

/// The stage of the manifold: what clean embeddings have in common, of a dimension that is set.
package struct ManifoldStage: Sendable {
  /// What the manifold is, and how it is fitted.
  let settings: ManifoldSettings
  /// What says how many rows a step has.
  let training: TrainingSettings

  /// - Parameters:
  ///   - settings: What the manifold is, and how it is fitted.
  ///   - training: What says how many rows a step has.
  package init(_ settings: ManifoldSettings, training: TrainingSettings) {
    self.settings = settings
    self.training = training
  }

  /// - Throws: ``CopurError`` of code `.configuration` if the dimension does not fit the embeddings; what a training throws.
  func run(
    on rows: EmbeddedRows, seed: UInt64, report: TrainingProgress.Report = { _ in }
  ) throws -> any Manifold {
    try fit(rows.completed, layout: rows.observation.layout, seed: seed, report: report)
  }

  /// The manifold of embeddings of which no block is missing.
  ///
  /// - Parameter embeddings: [n, D].
  /// - Throws: As ``run(on:seed:report:)``.
  package func fit(
    _ embeddings: Matrix, layout: BlockLayout, seed: UInt64, report: TrainingProgress.Report = { _ in }
  ) throws -> any Manifold {
    guard let code = settings.code, code <= layout.totalWidth else {
      throw CopurError(
        .configuration,
        "manifold.code is at most the width of all embeddings, \(layout.totalWidth) (actual: \(settings.code ?? 0))")
    }
    switch settings.kind {
    case .linear:
      return try LinearManifold(fitting: embeddings, layout: layout, dimension: code)
    case .autoencoder:
      var generator = SeededGenerator(seed: seed, purpose: "autoencoder")
      let activation = Activation.leakyReLU(slope: settings.slope)
      // Leaky ReLU after layers 1 and 3 of four: the code and the output are affine (supplement, section C.2).
      let widths = [layout.totalWidth, settings.hidden, code, settings.hidden, layout.totalWidth]
      let network = DenseNetwork(
        layers: (0..<4).map { index in
          DenseLayer(
            inputs: widths[index], outputs: widths[index + 1], activation: index % 2 == 0 ? activation : .identity,
            using: &generator)
        })
      let trained = try AutoencoderTraining.train(
        network, inputs: embeddings, optimizer: Optimizer(.adam(), learningRate: settings.learningRate),
        epochs: settings.epochs, batch: training.batch, using: &generator
      ) { report(TrainingProgress(stage: "autoencoder", completed: $0, total: settings.epochs, loss: $1)) }
      return AutoencoderManifold(network: trained, layout: layout, embeddings: embeddings)
    }
  }
}
