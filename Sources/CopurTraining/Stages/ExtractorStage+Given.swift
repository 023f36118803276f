internal import CopurCore
internal import CopurLearning
internal import CopurNumerics

extension ExtractorStage {
  /// The extractors that are given, and a fusion model on all of their embeddings.
  ///
  /// - Throws: ``CopurError`` of code `.configuration` if agents in processes of their own have the features; what an
  ///   extractor throws.
  func trainBehindGiven(
    on rows: TrainingRows, seed: UInt64, report: @escaping TrainingProgress.Report
  ) async throws -> TrainedExtractors {
    guard let agents = rows.agents as? DatasetAgents, let spec = training.given else {
      throw CopurError(
        .configuration, "extractors that are given are not trained, so agents do not train with them over the network")
    }
    let trained = DatasetAgents.Trained(
      agents: agents,
      extractors: rows.roster.agents.indices.map { agent in
        let (features, columns) = (rows.roster.layout.widths[agent], rows.columns?[agent])
        // Nothing was learned of what it sends, so it says 0 and has no part in any decision.
        guard rows.isHeard(agent) else { return NetworkExtractor(silent: features, width: training.embedding) }
        return GivenExtractor(
          spec,
          of: EmbeddedAgent(
            rows.roster.agents[agent], features: features, columns: columns, embedding: training.embedding))
      })
    let embeddings = try await rows.observed(by: trained, areVoters: false)
    let total = training.epochs
    let fusion = try trainFusion(on: embeddings, of: rows, purpose: "fusion model behind given extractors", seed: seed)
    {
      report(TrainingProgress(stage: "fusion model", completed: $0, total: total, loss: $1))
    }
    guard training.equalEnergy else { return TrainedExtractors(agents: trained, fusion: fusion) }
    let scales = EqualEnergy.scales(of: embeddings)
    return TrainedExtractors(
      agents: try trained.scaling(by: scales.map { 1 / $0 }),
      fusion: EqualEnergy.apply(scales, fusion: fusion, layout: embeddings.layout))
  }
}

extension NetworkExtractor {
  /// The extractor of an agent without a reading: it says 0.
  fileprivate init(silent features: Int, width: Int) {
    self.init(
      standardizer: Standardizer(
        means: [Float](repeating: 0, count: features), standardDeviations: [Float](repeating: 1, count: features)),
      network: AgentTraining.silentNetwork(inputs: features, outputs: width))
  }
}
