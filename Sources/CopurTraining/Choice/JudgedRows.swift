internal import CopurCore

/// The rows that a defence is judged on, as the fusion center gets them of its agents: some that it was not trained on, and those
/// that it was, which an attacker has recorded.
struct JudgedRows: Sendable {
  /// The rows that it was not trained on.
  let heldOut: Observation
  /// Their classes.
  let labels: [Int]
  /// The rows that it was trained on.
  let training: Observation
  /// Their classes.
  let trainingLabels: [Int]

  /// - Throws: ``CopurError`` if an agent cannot be asked.
  init(of agents: any TrainedAgents, heldOut: TrainingRows, rest: TrainingRows) async throws {
    self.heldOut = try await agents.observe(heldOut.numbers)
    labels = heldOut.labels
    training = try await agents.observe(rest.numbers)
    trainingLabels = rest.labels
  }
}
