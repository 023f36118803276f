internal import CopurCore

/// One way to train a bundle, of which nothing is left open but the manifold's dimension: a list of stages in the paper's order
/// (CoPur, sections 2.1 and D), each a function of what those before it gave.
///
/// | stage | from | gives |
/// | --- | --- | --- |
/// | ``DataStage`` | rows, with labels that may lie | rows to train on |
/// | ``ExtractorStage`` | rows | ``TrainedExtractors``, and with them ``EmbeddedRows`` |
/// | ``ManifoldStage`` | embedded rows | the manifold |
/// | ``FusionStage`` | embedded rows and manifold | ``FusionModels`` |
/// | ``CalibrationStage`` | manifold, embedded rows and those of held-out runs | limits of gate and suspects |
///
/// A choice on held-out rows runs stages on folds of the rows; no stage knows of a choice, nor of the trainer.
struct TrainingRecipe: Sendable {
  /// Kept in the bundle: the scenario that it is trained for.
  let name: String
  /// Kept in the bundle, so that agents find their own rows.
  let source: JSONValue
  /// The settings of extractors and fusion models, without alternatives.
  let training: TrainingSettings
  /// The settings of the manifold.
  var manifold: ManifoldSettings
  /// The trainings of further fusion models, for defences that have their own; no two equal.
  var further: [FusionTraining] = []
  /// Whether rows are held out to set the limits of gate and suspects; a vote has no use for them.
  var isCalibrated = true

  /// The second stage; the first has been before, since all recipes of a choice share its rows.
  var extractorStage: ExtractorStage { ExtractorStage(training) }
  /// The third stage.
  var manifoldStage: ManifoldStage { ManifoldStage(manifold, training: training) }
  /// The fourth stage.
  var fusionStage: FusionStage { FusionStage(training: training, further: further) }

  /// The last stage.
  ///
  /// - Parameters:
  ///   - folds: Runs of held-out rows, by this recipe's extractors; none for a bundle that has no use for limits.
  ///   - agents: How many agents there are.
  ///   - gateLimits: The gate's limit for each agent; nil for what the folds say.
  func calibrationStage(_ folds: [HeldOutFold], agents: Int, gateLimits: [Float]? = nil) -> CalibrationStage {
    CalibrationStage(folds: folds, layout: training.embeddingLayout(agents: agents), gateLimits: gateLimits)
  }

  /// Runs the stages.
  ///
  /// - Parameters:
  ///   - rows: What ``DataStage`` gave, or some of it.
  ///   - calibration: The last stage, with what was held out before.
  ///   - purpose: The name of this training among those by the same settings.
  /// - Returns: The bundle, and the agents with their extractors.
  /// - Throws: What a stage throws.
  func run(
    on rows: TrainingRows, calibration: CalibrationStage, purpose: String, seed: UInt64,
    report: @escaping TrainingProgress.Report
  ) async throws -> (bundle: ModelBundle, agents: any TrainedAgents) {
    let extractors = try await extractorStage.run(on: rows, purpose: purpose, seed: seed, report: report)
    let embedded = try await extractors.embedding(rows)
    let manifold = try manifoldStage.run(on: embedded, seed: seed, report: report)
    let models = try await fusionStage.run(on: embedded, behind: manifold, seed: seed, report: report)
    let limits = try await calibration.run(
      on: embedded, behind: manifold, by: manifoldStage, agents: rows.roster.agents, seed: seed)
    return (
      try bundle(
        of: rows, seed: seed, extractors: extractors, embedded: embedded, manifold: manifold, models: models,
        limits: limits), extractors.agents
    )
  }
}
