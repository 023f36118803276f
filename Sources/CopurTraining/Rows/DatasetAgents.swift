package import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// Agents in this process, whose features are the columns of one matrix.
struct DatasetAgents: TrainingAgents {
  /// Raw features of all agents, [n, D_x]; NaN where a value is missing.
  let features: Matrix
  /// The features before some were spoiled, by which agents standardise; nil for the same.
  let honest: Matrix?
  /// The features of each agent.
  let layout: BlockLayout
  /// The way each agent's features lie.
  let geometries: [FeatureGeometry]
  let silence: SilenceRule

  func train(
    _ job: JointJob, center: JointTrainingCenter, progress: @escaping @Sendable (Int, Float) -> Void
  ) async throws -> (agents: any TrainedAgents, center: JointTrainingCenter) {
    let rows = silence.silencing(features.selecting(rows: job.rows), layout: layout)
    let honest = self.honest.map { silence.silencing($0.selecting(rows: job.rows), layout: layout) }
    try Task.checkCancellation()
    let widths = layout.widths
    var sides = try (0..<layout.count).map { agent in
      try AgentTraining(
        job.training, agent: agent, widths: Array(widths[...agent]), geometry: geometries[agent],
        features: rows.columns(layout[agent]),
        standardizer: honest.map { Standardizer(fitting: $0.columns(layout[agent])) },
        isHeard: job.isHeard[agent], seed: job.seed, lie: job.lies[agent])
    }
    var trainees = sides.map(\.trainee)
    var center = center
    try JointTraining.run(&trainees, &center, exchange: job.training.jointExchange, progress: progress)
    for index in sides.indices { sides[index].trainee = trainees[index] }
    return (Trained(agents: self, extractors: sides.map(\.extractor), lies: job.lies, seed: job.seed), center)
  }

  /// Agents in this process with extractors.
  struct Trained: TrainedAgents {
    let agents: DatasetAgents
    let extractors: [any FeatureExtractor]
    /// The lie that each agent sends in place of its embeddings; nil for honest ones.
    var lies: [TrainingLie?] = []
    var seed: UInt64 = 0

    func observe(_ rows: [Int]) throws -> Observation {
      let honest = try extractors.observe(
        agents.features.selecting(rows: rows), layout: agents.layout, silence: agents.silence)
      return lies.enumerated().reduce(honest) { observation, entry in
        guard let lie = entry.element else { return observation }
        var content = observation.embeddings
        let columns = observation.layout[entry.offset]
        content.replaceColumns(
          columns,
          with: lie.applied(
            to: content.columns(columns), rows: rows, seed: SeededGenerator.seed(seed, of: entry.offset)))
        return observation.replacing(blocks: [entry.offset], with: content)
      }
    }

    func scaling(by factors: [Float]) throws -> any TrainedAgents {
      Trained(
        agents: agents,
        extractors: try zip(extractors, factors).map { extractor, factor in
          switch extractor {
          case let extractor as NetworkExtractor: return extractor.scaling(by: factor)
          case let extractor as GivenExtractor: return extractor.scaling(by: factor)
          default: throw CopurError(.software, "the embeddings of networks and of given extractors are scaled")
          }
        }, lies: lies, seed: seed)
    }
  }
}

extension NetworkExtractor {
  /// The extractor whose embeddings are this one's times a factor.
  package func scaling(by factor: Float) -> NetworkExtractor {
    NetworkExtractor(standardizer: standardizer, network: network.scalingOutput(by: factor))
  }
}
