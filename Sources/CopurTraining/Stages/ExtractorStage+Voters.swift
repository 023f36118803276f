internal import CopurCore
internal import CopurNumerics

extension ExtractorStage {
  /// Voters, each trained by itself on what its agent has, and a fusion model on their evidence.
  ///
  /// - Throws: ``CopurError`` of code `.configuration` if agents in processes of their own have the features; as
  ///   ``VoterTraining/train(on:presence:standardizer:labels:using:)``.
  func trainVoters(
    on rows: TrainingRows, seed: UInt64, report: TrainingProgress.Report
  ) async throws -> TrainedExtractors {
    guard let agents = rows.agents as? DatasetAgents else {
      throw CopurError(.configuration, "voters learn from labels, which agents in processes of their own do not have")
    }
    let (features, classes) = (rows.roster.layout, rows.classNames.count)
    let voters = VoterTraining(settings: training.voters ?? VoterSettings(), classes: classes)
    report(TrainingProgress(stage: "voters", completed: 0, total: 1))
    let labels = rows.labels
    let raw = agents.features.selecting(rows: rows.numbers)
    let honest = agents.honest?.selecting(rows: rows.numbers) ?? raw
    let extractors = try await concurrentMap(0..<features.count) { agent in
      let own = raw.columns(features[agent])
      let presence = rows.silence.presence(in: own)
      let kept = presence.indices.filter {
        !presence[$0] || rows.doubts?.withheld[$0 * features.count + agent] != true
      }
      let present = kept.filter { presence[$0] }
      guard !present.isEmpty else { return VoterExtractor.silent(features: own.columns, classes: classes) }
      var generator = SeededGenerator(seed: seed, purpose: "voters of agent \(agent)")
      return try voters.train(
        on: own.selecting(rows: kept), presence: kept.map { presence[$0] },
        standardizer: Standardizer(fitting: honest.columns(features[agent]).selecting(rows: present)),
        labels: kept.map { labels[$0] }, using: &generator)
    }
    report(TrainingProgress(stage: "voters", completed: 1, total: 1))
    let trained = DatasetAgents.Trained(agents: agents, extractors: extractors)
    let fusion = try trainFusion(
      on: try await rows.observed(by: trained, areVoters: true), of: rows, purpose: "fusion model of evidence",
      seed: seed)
    return TrainedExtractors(agents: trained, fusion: fusion, areVoters: true)
  }
}
