internal import CopurCore
internal import CopurTraining
internal import Synchronization

/// Agents over the network after a joint training.
struct NetworkAgents: TrainedAgents {
  let run: JointRun
  /// The factor by which each agent's embeddings are multiplied; nil for as they are.
  let factors: [Float]?

  var extractors: [any FeatureExtractor] {
    let features = run.center.state.withLock { $0.features }
    return features.map {
      AbsentExtractor(
        inputWidth: $0 ?? 1, embeddingWidth: run.job.training.embedding, training: run.center.training)
    }
  }

  func observe(_ rows: [Int]) async throws -> Observation { try await run.observe(rows, factors: factors) }

  func scaling(by factors: [Float]) async throws -> any TrainedAgents {
    try await run.center.again {
      let links = try await run.center.links()
      try await run.prepare(links)
      try await run.scale(links, by: factors)
    }
    run.factors.withLock { $0 = factors }
    return NetworkAgents(run: run, factors: factors)
  }
}
