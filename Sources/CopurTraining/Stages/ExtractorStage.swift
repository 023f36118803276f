package import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// The stage of the extractors: one an agent, and a fusion model on all of their embeddings. They are trained jointly; or voters
/// are trained each by itself, or extractors are given, and the model is trained on what they say.
package struct ExtractorStage: Sendable {
  /// The settings of extractors and fusion model, without alternatives.
  let training: TrainingSettings

  /// - Parameter training: How extractors and fusion model are trained; its alternatives are not looked at.
  package init(_ training: TrainingSettings) { self.training = training.alone }

  /// - Parameter purpose: The name of this training among those by the same settings.
  /// - Throws: `NumericsError` if a training diverges; `CancellationError`; ``CopurError`` if an agent cannot go on, or extractors
  ///   do not fit the data.
  func run(
    on rows: TrainingRows, purpose: String, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> TrainedExtractors {
    switch training.extractor {
    case .linear, .convolutional: try await trainJointly(on: rows, purpose: purpose, seed: seed, report: report)
    case .voters: try await trainVoters(on: rows, seed: seed, report: report)
    case .given where training.bringsModels: try await takeModels(on: rows, seed: seed, report: report)
    case .given: try await trainBehindGiven(on: rows, seed: seed, report: report)
    }
  }

  /// A fusion model on embeddings of extractors that stay as they are.
  ///
  /// - Parameters:
  ///   - purpose: The name of the random numbers that it starts from.
  ///   - report: Called after each epoch with its number, from 1, and mean loss.
  func trainFusion(
    on embeddings: Observation, of rows: TrainingRows, purpose: String, seed: UInt64,
    report: @escaping (Int, Float) -> Void = { _, _ in }
  ) throws -> FusionModel {
    let (labels, classes) = (rows.labels, rows.classNames.count)
    var generator = SeededGenerator(seed: seed, purpose: purpose)
    let network = training.fusionNetwork(
      inputs: embeddings.layout.totalWidth, classes: classes, using: &generator)
    let fusion = try ClassifierTraining.train(
      network, inputs: embeddings.embeddings, labels: labels, loss: ClassificationLoss(classes: classes),
      classWeights: training.classWeights(of: labels, classes: classes),
      optimizer: training.jointOptimizer(rows: rows.count), epochs: training.epochs, batch: training.batch,
      using: &generator, progress: report)
    return FusionModel(network: fusion, classes: classes)
  }
}
