package import CopurCore
package import CopurNumerics

/// The stage of the manifold: what clean embeddings have in common, of a dimension that is set.
package struct ManifoldStage: Sendable {
  /// The settings of the manifold.
  let settings: ManifoldSettings
  /// The settings that say how many rows a step has.
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
    return try settings.kind.learn(embeddings, layout: layout, code: code, batch: training.batch, seed: seed) {
      report(TrainingProgress(stage: settings.kind.kind, completed: $0, total: $1, loss: $2))
    }
  }
}
