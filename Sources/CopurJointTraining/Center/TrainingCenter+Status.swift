public import CopurTraining
internal import GRPCCore
internal import Synchronization

extension TrainingCenter {
  /// How long a question may wait for its answer before its agent is late.
  private static let patience = Duration.seconds(5)

  /// The training as it is now.
  public var status: TrainingCenterStatus {
    let state = state.withLock { $0 }
    let agents = configuration.agents.indices.map { agent in
      let link = state.links[agent]
      let (answerTime, waiting) = link?.answerTimes ?? (nil, nil)
      let presence: TrainingCenterStatus.Agent.Presence =
        if state.leftOut.contains(agent) {
          .leftOut
        } else if link == nil || link?.error != nil {
          .away
        } else if let waiting, waiting > Self.patience {
          .late
        } else {
          .connected
        }
      return TrainingCenterStatus.Agent(
        name: configuration.agents[agent], presence: presence, features: state.features[agent],
        rows: state.known[agent],
        traffic: state.earlier[agent] + (link?.transferred ?? .init()), answerTime: answerTime)
    }
    let phase: TrainingCenterStatus.Phase =
      if let failure = state.failure {
        .failed(failure.message)
      } else if let version = state.modelVersion {
        .finished(modelVersion: version)
      } else {
        agents.contains { $0.presence == .away } ? .waiting : .training
      }
    return TrainingCenterStatus(
      phase: phase, agents: agents, jobs: state.tallies.map(\.status), progress: state.progress,
      heldOutScore: state.heldOutScore)
  }

  /// Takes note of what is being trained, for those who look at ``status``.
  public func observed(_ progress: TrainingProgress) {
    state.withLock { state in
      state.progress = progress
      state.heldOutScore = progress.heldOutScore ?? state.heldOutScore
    }
  }
}
