internal import CopurCore
internal import CopurLearning
internal import CopurNumerics
internal import CopurPurification

/// Fusion models that are trained once extractors and manifold stay as they are.
struct FusionModels: Sendable {
  /// The one on the manifold's output.
  let purified: FusionModel
  /// Those that only some defences use, on embeddings as they are.
  let further: [FurtherModel]
  /// The voters at the fusion center, one an agent; nil for none.
  let centerVoters: [VoterExtractor]?
}

/// The stage of the fusion models that are trained once extractors and manifold stay as they are.
struct FusionStage: Sendable {
  /// The network's shape, the optimiser and, where a further training names none, epochs and rate.
  let training: TrainingSettings
  /// The trainings of further fusion models; no two equal.
  let further: [FusionTraining]

  /// - Throws: `NumericsError` if a training diverges; `CancellationError`; ``CopurError`` of code `.configuration` if voters
  ///   cannot be trained on the data.
  func run(
    on rows: EmbeddedRows, behind manifold: any Manifold, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> FusionModels {
    FusionModels(
      purified: try purifiedModel(on: rows, behind: manifold, seed: seed, report: report),
      further: try await furtherModels(on: rows, seed: seed, report: report),
      centerVoters: training.hasVotersAtCenter ? try await centerVoters(on: rows, seed: seed, report: report) : nil)
  }

  /// The fusion model on the manifold's output: D(E(h)) of the training rows, what purification makes of those of which an
  /// agent is missing and, if the settings say so, as many rows purified with agents withheld at random.
  ///
  /// - Throws: `NumericsError` if a training diverges; `CancellationError`.
  func purifiedModel(
    on rows: EmbeddedRows, behind manifold: any Manifold, seed: UInt64, report: TrainingProgress.Report = { _ in }
  ) throws -> FusionModel {
    let (clean, classes) = (rows.observation, rows.classes)
    var generator = SeededGenerator(seed: seed, purpose: "fusion model")
    let network = training.fusionNetwork(inputs: clean.layout.totalWidth, classes: classes, using: &generator)
    var (inputs, labels) = (purified(clean, by: manifold), rows.labels)
    if training.fusion.agentDropout > 0 {
      inputs = inputs.appending(rows: purifiedWithDropout(clean, by: manifold, using: &generator))
      labels += labels
    }
    let trained = try ClassifierTraining.train(
      network, inputs: inputs, labels: labels, loss: ClassificationLoss(classes: classes),
      classWeights: training.classWeights(of: labels, classes: classes),
      optimizer: training.optimizer(
        training.fusion.learningRate, steps: training.steps(rows: labels.count, epochs: training.fusion.epochs)),
      epochs: training.fusion.epochs,
      batch: training.batch,
      using: &generator
    ) {
      report(
        TrainingProgress(
          stage: "fusion model on purified embeddings", completed: $0, total: training.fusion.epochs, loss: $1))
    }
    return FusionModel(network: trained, classes: classes)
  }

  /// D(E(h)) of rows of which all is observed, and what purification makes of the others.
  private func purified(_ clean: Observation, by manifold: any Manifold) -> Matrix {
    var projected = manifold.project(clean.embeddings)
    let incomplete = (0..<clean.samples).filter { !clean.isComplete(sample: $0) }
    guard !incomplete.isEmpty else { return projected }
    let purified = Purifier(manifold: manifold).purify(clean.selecting(incomplete)).embeddings
    for (position, row) in incomplete.enumerated() { projected[row: row] = purified[row: position] }
    return projected
  }

  /// The purified embeddings of rows of which each block is withheld with a probability; a row keeps at least one.
  private func purifiedWithDropout(
    _ clean: Observation, by manifold: any Manifold, using generator: inout SeededGenerator
  ) -> Matrix {
    var observation = clean
    for sample in 0..<clean.samples {
      let order = generator.permutation(manifold.layout.count).filter { clean.isObserved(block: $0, of: sample) }
      for block in order.dropFirst() where generator.uniform() < Double(training.fusion.agentDropout) {
        observation.withhold(block: block, of: sample)
      }
    }
    return Purifier(manifold: manifold).purify(observation).embeddings
  }
}
