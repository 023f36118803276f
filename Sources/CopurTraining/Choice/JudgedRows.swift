internal import CopurCore

/// A bundle and the rows that it is judged on, as the fusion center gets them of its agents: some that it was not trained on, and
/// those that it was, which an attacker has recorded.
struct JudgedRows: Sendable {
  let bundle: ModelBundle
  /// The rows that it was not trained on.
  let heldOut: Observation
  /// Their classes.
  let labels: [Int]
  /// The rows that it was trained on.
  let training: Observation
  /// Their classes.
  let trainingLabels: [Int]

  /// - Throws: ``CopurError`` if an agent cannot be asked.
  init(
    of trained: (bundle: ModelBundle, agents: any TrainedAgents), heldOut: TrainingRows, rest: TrainingRows
  ) async throws {
    bundle = trained.bundle
    self.heldOut = try await trained.agents.observe(heldOut.numbers)
    labels = heldOut.labels
    training = try await trained.agents.observe(rest.numbers)
    trainingLabels = rest.labels
  }
}
