internal import CopurCore
internal import CopurNumerics
internal import CopurPurification
internal import Synchronization

/// Extractors that were trained without a run of the training rows, and what they make of the rows.
///
/// Rows of a sensor come in the order of time and resemble their neighbours. Rows held out at random would be judged by
/// their neighbours in training, which favours whatever memorises; so runs of consecutive rows are held out.
struct HeldOutFold: Sendable {
  /// The number of runs of rows that are held out, one after the other.
  static let count = 4

  /// The rows that were trained on.
  let rows: EmbeddedRows
  /// The labels of the rows held out.
  let heldOutLabels: [Int]
  /// The embeddings of both.
  let embeddings: Calibrator.Fold

  /// The number of rows that a fold holds out.
  static func heldOutRows(of rows: Int, _ training: TrainingSettings) -> Int {
    training.validationRows ?? rows / 8
  }

  /// Runs a recipe's stage of extractors on each fold, and reports how well the fusion models so far do on what was held out
  /// of them.
  ///
  /// - Returns: None if there are too few rows to hold any out.
  /// - Throws: What the stage throws.
  static func train(
    by recipe: TrainingRecipe, on all: TrainingRows, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> [HeldOutFold] {
    let rows = all.count
    let held = heldOutRows(of: rows, recipe.training)
    guard held >= 1, rows - held >= 2 else { return [] }
    let stage = "holding rows out"
    report(TrainingProgress(stage: stage, completed: 0, total: count))
    let scores = Mutex<[Float]>([])
    return try await concurrentMap(0..<count) { fold in
      let start = fold * (rows - held) / (count - 1)
      let range = start..<start + held
      let heldOut = all.selecting(range)
      let rest = all.selecting((0..<rows).filter { !range.contains($0) })
      try Task.checkCancellation()
      let extractors = try await recipe.extractorStage.run(
        on: rest, purpose: "without run \(fold + 1)", seed: seed, report: { _ in })
      let embedded = try await extractors.embedding(rest)
      let embeddings = try Calibrator.Fold(
        training: embedded.observation,
        heldOut: try await heldOut.observed(by: extractors.agents, areVoters: extractors.areVoters))
      let score = Float(
        Metrics.balancedAccuracy(
          labels: heldOut.labels,
          predictions: extractors.fusion.decide(embeddings.heldOut.embeddings).map(\.label)))
      scores.withLock { scores in
        scores.append(score)
        report(
          TrainingProgress(
            stage: stage, completed: scores.count, total: count,
            heldOutScore: scores.reduce(0, +) / Float(scores.count)))
      }
      return HeldOutFold(rows: embedded, heldOutLabels: heldOut.labels, embeddings: embeddings)
    }
  }
}
