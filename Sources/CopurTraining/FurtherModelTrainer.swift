internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// Trains the fusion models that only some defences use, on the embeddings of the jointly trained extractors.
struct FurtherModelTrainer {
  /// Gives the network's shape, the optimiser and, where a training names none, epochs and rate.
  let trainer: BundleTrainer
  /// What the fusion center gets of the training rows.
  let clean: Observation
  let labels: [Int]
  let classes: Int
  let seed: UInt64

  /// - Returns: A model for each training, in the same order; they are trained side by side.
  /// - Throws: ``NumericsError`` if a training diverges; `CancellationError`.
  func train(
    _ trainings: [FusionTraining], report: @escaping BundleTrainer.Report
  ) async throws -> [FurtherModel] {
    try await concurrentMap(0..<trainings.count) { index in try model(trainings[index], report: report) }
  }

  private func model(_ training: FusionTraining, report: @escaping BundleTrainer.Report) throws -> FurtherModel {
    let (embeddings, layout) = (clean.embeddings, clean.layout)
    let presence = clean.isComplete ? nil : BlockPresence(layout: layout, flags: clean.observed)
    var generator = SeededGenerator(seed: seed, purpose: "further fusion model")
    let network = trainer.fusionNetwork(inputs: layout.totalWidth, classes: classes, using: &generator)
    let epochs = training.epochs ?? trainer.training.epochs
    let optimizer = trainer.training.optimizer(
      training.learningRate ?? trainer.training.learningRate,
      steps: trainer.training.steps(rows: labels.count, epochs: epochs))
    let loss = ClassificationLoss(classes: classes)
    let classWeights = trainer.classWeights(of: labels, classes: classes)
    func progress(_ stage: String) -> (Int, Float) -> Void {
      { report(TrainingProgress(stage: stage, completed: $0, total: epochs, loss: $1)) }
    }
    switch training {
    case .adversarial(let settings):
      let trained = try AdversarialTraining.train(
        network, inputs: embeddings, labels: labels, targets: targets(of: settings),
        blocks: settings.isBlockwise ? layout : nil, presence: presence,
        descent: InputDescent(step: settings.step, iterations: settings.iterations, direction: settings.direction),
        loss: loss, classWeights: classWeights, optimizer: optimizer, epochs: epochs, batch: trainer.training.batch,
        using: &generator,
        progress: progress("adversarial training"))
      return FurtherModel(training: training, model: FusionModel(network: trained, classes: classes))
    case .ablation(let settings):
      let trained = try AblationTraining.train(
        network, inputs: embeddings, labels: labels, layout: layout, keep: settings.keep,
        learnsNull: settings.null == .learned, presence: presence, loss: loss, classWeights: classWeights,
        optimizer: optimizer,
        epochs: epochs,
        batch: trainer.training.batch, using: &generator, progress: progress("fusion model of few agents"))
      return FurtherModel(
        training: training, model: FusionModel(network: trained.network, classes: classes), null: trained.null)
    }
  }

  /// The class that each row's adversarial example is pushed to; nil if it is only pushed away from its own.
  private func targets(of settings: AdversarialTrainingSettings) -> [Int]? {
    settings.goal.targets(labels: labels, classes: classes)
  }
}
