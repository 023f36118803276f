internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

extension FusionStage {
  /// The fusion models that only some defences use, on the embeddings as agents send them.
  ///
  /// - Returns: A model for each further training, in the same order; they are trained side by side.
  /// - Throws: ``NumericsError`` if a training diverges; `CancellationError`.
  func furtherModels(
    on rows: EmbeddedRows, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> [FurtherModel] {
    try await concurrentMap(0..<further.count) { index in
      try model(further[index], on: rows, seed: seed, report: report)
    }
  }

  private func model(
    _ further: FusionTraining, on rows: EmbeddedRows, seed: UInt64, report: @escaping TrainingProgress.Report
  ) throws -> FurtherModel {
    let (clean, labels, classes) = (rows.observation, rows.labels, rows.classes)
    let (embeddings, layout) = (clean.embeddings, clean.layout)
    let presence = clean.isComplete ? nil : BlockPresence(layout: layout, flags: clean.observed)
    var generator = SeededGenerator(seed: seed, purpose: "further fusion model")
    let network = training.fusionNetwork(inputs: layout.totalWidth, classes: classes, using: &generator)
    let epochs = further.epochs ?? training.epochs
    let optimizer = training.optimizer(
      further.learningRate ?? training.learningRate, steps: training.steps(rows: labels.count, epochs: epochs))
    let loss = ClassificationLoss(classes: classes)
    let classWeights = training.classWeights(of: labels, classes: classes)
    func progress(_ stage: String) -> (Int, Float) -> Void {
      { report(TrainingProgress(stage: stage, completed: $0, total: epochs, loss: $1)) }
    }
    switch further {
    case .adversarial(let settings):
      let trained = try AdversarialTraining.train(
        network, inputs: embeddings, labels: labels, targets: settings.goal.targets(labels: labels, classes: classes),
        blocks: settings.isBlockwise ? layout : nil, presence: presence,
        descent: InputDescent(step: settings.step, iterations: settings.iterations, direction: settings.direction),
        loss: loss, classWeights: classWeights, optimizer: optimizer, epochs: epochs, batch: training.batch,
        using: &generator, progress: progress("adversarial training"))
      return FurtherModel(training: further, model: FusionModel(network: trained, classes: classes))
    case .ablation(let settings):
      let trained = try AblationTraining.train(
        network, inputs: embeddings, labels: labels, layout: layout, keep: settings.keep,
        learnsNull: settings.null == .learned, presence: presence, loss: loss, classWeights: classWeights,
        optimizer: optimizer, epochs: epochs, batch: training.batch, using: &generator,
        progress: progress("fusion model of few agents"))
      return FurtherModel(
        training: further, model: FusionModel(network: trained.network, classes: classes), null: trained.null)
    }
  }
}
