internal import CopurCore
internal import CopurNumerics
internal import CopurPurification
internal import Synchronization

/// Extractors that were trained without a run of the training rows, and what they make of the rows.
///
/// Rows of a sensor come in the order of time and resemble their neighbours. Rows held out at random would be judged by
/// their neighbours in training, which favours whatever memorises; so runs of consecutive rows are held out.
struct HeldOutFold: Sendable {
  /// How many runs of rows are held out, one after the other.
  static let count = 4

  /// The labels of the rows that were trained on.
  let trainingLabels: [Int]
  /// The labels of the rows held out.
  let heldOutLabels: [Int]
  /// The embeddings of both.
  let embeddings: Calibrator.Fold
  /// Those of the rows that were trained on with all blocks, for fitting manifolds, [n, D].
  let completed: Matrix

  /// How many rows a fold holds out.
  static func heldOutRows(of dataset: Dataset, _ training: TrainingSettings) -> Int {
    training.validationRows ?? dataset.train.count / 8
  }

  /// Trains each fold's extractors.
  ///
  /// - Returns: None if there are too few rows to hold any out.
  static func train(
    with trainer: BundleTrainer, on dataset: Dataset, seed: UInt64, report: @escaping BundleTrainer.Report
  ) async throws -> [HeldOutFold] {
    let rows = dataset.train.count
    let held = heldOutRows(of: dataset, trainer.training)
    guard held >= 1, rows - held >= 2 else { return [] }
    let stage = "holding rows out"
    report(TrainingProgress(stage: stage, completed: 0, total: count))
    let done = Atomic(0)
    return try await concurrentMap(0..<count) { fold in
      let start = fold * (rows - held) / (count - 1)
      let range = start..<start + held
      let heldOut = dataset.train.selecting(range)
      let rest = dataset.train.selecting((0..<rows).filter { !range.contains($0) })
      try Task.checkCancellation()
      let extractors = try await trainer.trainExtractors(on: rest, of: dataset, seed: seed, report: { _ in }).extractors
      let features = dataset.roster.layout
      let embeddings = try Calibrator.Fold(
        training: extractors.observe(rest.features, layout: features, silence: dataset.silence),
        heldOut: extractors.observe(heldOut.features, layout: features, silence: dataset.silence))
      let completed = try BlockCompletion.complete(embeddings.training)
      report(TrainingProgress(stage: stage, completed: done.add(1, ordering: .relaxed).newValue, total: count))
      return HeldOutFold(
        trainingLabels: rest.labels, heldOutLabels: heldOut.labels, embeddings: embeddings,
        completed: completed)
    }
  }
}
