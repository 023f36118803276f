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
  static func heldOutRows(of rows: TrainingRows, _ training: TrainingSettings) -> Int {
    training.validationRows ?? rows.count / 8
  }

  /// Trains each fold's extractors.
  ///
  /// - Returns: None if there are too few rows to hold any out.
  static func train(
    with trainer: BundleTrainer, on all: TrainingRows, seed: UInt64, report: @escaping BundleTrainer.Report
  ) async throws -> [HeldOutFold] {
    let rows = all.count
    let held = heldOutRows(of: all, trainer.training)
    guard held >= 1, rows - held >= 2 else { return [] }
    let stage = "holding rows out"
    report(TrainingProgress(stage: stage, completed: 0, total: count))
    let done = Atomic(0)
    return try await concurrentMap(0..<count) { fold in
      let start = fold * (rows - held) / (count - 1)
      let range = start..<start + held
      let heldOut = all.selecting(range)
      let rest = all.selecting((0..<rows).filter { !range.contains($0) })
      try Task.checkCancellation()
      let agents = try await trainer.trainExtractors(
        on: rest, purpose: "without run \(fold + 1)", seed: seed, report: { _ in }
      ).agents
      let areVoters = trainer.training.extractor == .voters
      let embeddings = try Calibrator.Fold(
        training: try await rest.observed(by: agents, areVoters: areVoters),
        heldOut: try await heldOut.observed(by: agents, areVoters: areVoters))
      let completed = try BlockCompletion.complete(embeddings.training)
      report(TrainingProgress(stage: stage, completed: done.add(1, ordering: .relaxed).newValue, total: count))
      return HeldOutFold(
        trainingLabels: rest.labels, heldOutLabels: heldOut.labels, embeddings: embeddings,
        completed: completed)
    }
  }
}
