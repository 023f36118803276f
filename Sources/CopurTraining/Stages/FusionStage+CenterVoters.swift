internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

extension FusionStage {
  /// Voters at the fusion center, each of one agent's embeddings of the training rows.
  ///
  /// - Throws: As ``VoterTraining/train(on:presence:standardizer:labels:using:)``.
  func centerVoters(
    on rows: EmbeddedRows, seed: UInt64, report: TrainingProgress.Report
  ) async throws -> [VoterExtractor] {
    let (clean, labels, classes) = (rows.observation, rows.labels, rows.classes)
    let voters = VoterTraining(settings: training.voters ?? VoterSettings(), classes: classes)
    report(TrainingProgress(stage: "voters at the fusion center", completed: 0, total: 1))
    let trained = try await concurrentMap(0..<clean.layout.count) { agent in
      let heard = clean.samples(observing: agent)
      let columns = clean.layout[agent]
      guard !heard.isEmpty else { return VoterExtractor.silent(features: columns.count, classes: classes) }
      let own = clean.embeddings.columns(columns)
      var generator = SeededGenerator(seed: seed, purpose: "voters at the fusion center of agent \(agent)")
      return try voters.train(
        on: own, presence: labels.indices.map { clean.isObserved(block: agent, of: $0) },
        standardizer: Standardizer(fitting: own.selecting(rows: heard)), labels: labels, using: &generator)
    }
    report(TrainingProgress(stage: "voters at the fusion center", completed: 1, total: 1))
    return trained
  }
}
