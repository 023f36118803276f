internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// The evidence of each agent by itself for each row's class, by models that have not seen the row.
struct AgentEvidence {
  /// Scores of each class, [n, classes] of each agent: log-odds for two classes, centred log-probabilities for more.
  private let scores: [Matrix]
  private let presence: [[Bool]]
  let classes: Int
  let rows: Int

  /// The greatest log-odds that count, so that no agent outweighs the others by being sure.
  private static let limit: Float = 4
  /// C of the logistic regressions.
  private static let inversePenalty = 1.0

  /// - Throws: `CancellationError`.
  init(_ views: AuditViews, labels: [Int]) async throws {
    (presence, classes, rows) = (views.presence, views.classes, views.rows)
    let parts = views.parts(views.rows, purpose: "evidence")
    let classes = views.classes
    scores = try await concurrentMap(0..<views.agents) { agent in
      var scores = Matrix(rows: views.rows, columns: classes)
      for part in 0..<AuditViews.folds {
        try Task.checkCancellation()
        let present = (0..<views.rows).filter { views.presence[agent][$0] }
        let (rest, held) = (present.filter { parts[$0] != part }, present.filter { parts[$0] == part })
        guard !held.isEmpty, !rest.isEmpty else { continue }
        let inputs = views.blocks[agent]
        var generator = SeededGenerator(seed: views.seed, purpose: "audit: evidence of agent \(agent), part \(part)")
        let values = Self.evidence(
          inputs.selecting(rows: held), of: inputs.selecting(rows: rest), labels: rest.map { labels[$0] },
          classes: classes, using: &generator)
        for (place, row) in held.enumerated() { scores[row: row] = values[row: place] }
      }
      return scores
    }
  }

  private static func evidence(
    _ held: Matrix, of inputs: Matrix, labels: [Int], classes: Int, using generator: inout SeededGenerator
  ) -> Matrix {
    let weights = ClassificationLoss.balancedWeights(labels: labels, classes: classes)
    let forest = RandomizedForest(
      .init(trees: 30, leaf: 5), fitting: inputs, labels: labels, classes: classes, classWeights: weights,
      using: &generator)
    let logs = forest.logProbabilities(held)
    guard classes == 2 else {
      var centred = logs
      for row in 0..<logs.rows {
        let mean = logs[row: row].reduce(0, +) / Float(classes)
        for column in 0..<classes { centred[row, column] -= mean }
      }
      return centred
    }
    var odds = (0..<held.rows).map { clipped(logs[$0, 1] - logs[$0, 0]) }
    if inputs.columns <= LogisticRegression.widthLimit {
      var regression = LogisticRegression(width: inputs.columns)
      regression.fit(inputs, labels: labels, classWeights: weights, inversePenalty: inversePenalty)
      for (row, logit) in regression.logits(held).enumerated() { odds[row] = (odds[row] + clipped(Float(logit))) / 2 }
    }
    return Matrix(rows: held.rows, columns: 2, values: odds.flatMap { [-$0 / 2, $0 / 2] })
  }

  private static func clipped(_ odds: Float) -> Float { min(max(odds, -limit), limit) }

  /// The evidence of some agents together: for each class the mean of their scores without the highest and the lowest, so
  /// that one agent alone can neither support nor deny a label. [n, classes].
  func trimmed(_ agents: [Int]) -> Matrix {
    var together = Matrix(rows: rows, columns: classes)
    var values: [Float] = []
    for row in 0..<rows {
      for column in 0..<classes {
        values.removeAll(keepingCapacity: true)
        for agent in agents where presence[agent][row] { values.append(scores[agent][row, column]) }
        guard !values.isEmpty else { continue }
        if values.count < 3 {
          together[row, column] = values.reduce(0, +) / Float(values.count)
        } else {
          let (low, high) = (values.min() ?? 0, values.max() ?? 0)
          together[row, column] = (values.reduce(0, +) - low - high) / Float(values.count - 2)
        }
      }
    }
    return together
  }
}
