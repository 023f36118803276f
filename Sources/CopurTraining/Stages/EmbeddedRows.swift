package import CopurCore
internal import CopurNumerics

/// Extractors, and a fusion model on all of their embeddings.
package struct TrainedExtractors: Sendable {
  /// The agents with their extractors.
  package let agents: any TrainedAgents
  /// The fusion model.
  package let fusion: FusionModel
  /// Whether each agent was trained by itself, so that one that an audit leaves out of joint models has a part.
  var areVoters = false

  /// Rows as the fusion center gets them of these agents, for the stages that follow.
  ///
  /// - Throws: ``CopurError`` if an agent cannot be asked; `NumericsError` if the embeddings are not finite.
  func embedding(_ rows: TrainingRows) async throws -> EmbeddedRows {
    try EmbeddedRows(
      await rows.observed(by: agents, areVoters: areVoters), labels: rows.labels, classes: rows.classNames.count)
  }
}

/// Rows as the fusion center gets them of agents that are trained: what manifold and fusion models learn from.
struct EmbeddedRows: Sendable {
  /// The embeddings, but for blocks that an audit does not believe.
  let observation: Observation
  /// The class of each row, from 0.
  let labels: [Int]
  /// The number of classes.
  let classes: Int
  /// The embeddings with something in the place of missing blocks, for fitting manifolds, [n, D].
  let completed: Matrix

  /// - Throws: `NumericsError` if the embeddings are not finite.
  init(_ observation: Observation, labels: [Int], classes: Int) throws {
    self.observation = observation
    self.labels = labels
    self.classes = classes
    completed = try BlockCompletion.complete(observation)
  }
}
