internal import CopurCore
public import CopurLearning
internal import CopurNumerics
public import CopurTraining
internal import CopurWire
internal import Foundation
internal import GRPCCore
public import Logging
internal import Synchronization

/// The fusion center of a training over the network: it has labels and models, and asks agents for embeddings.
///
/// ```swift
/// let center = try TrainingCenter(configuration, keys: keys, logger: logger)
/// // While a server serves `TrainingService(center, access: access)`:
/// let bundle = try await trainer.train(with: center.rows(), seed: 0)
/// try await center.finish(modelVersion: bundle.modelVersion)
/// ```
public final class TrainingCenter: TrainingAgents, Sendable {
  struct State {
    var links: [AgentLink?]
    /// How many features each agent has, once it came.
    var features: [Int?]
    /// The digest of each agent's rows, once it came: it comes back with the same.
    var rows: [String?]
    /// Of which rows each agent says something.
    var presence: [[Bool]?]
    /// Of how many that is.
    var known: [Int?]
    /// The bytes of the streams that each agent had before.
    var earlier: [TrainingProgress.Traffic]
    /// Agents that were away for too long.
    var leftOut: Set<Int> = []
    var nextJob: UInt32 = 0
    /// Who waits for a change.
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter: UInt64 = 0
    /// Raised with each change, so that none is missed between a look and the wait.
    var changes: UInt64 = 0
    /// Why the training has failed.
    var failure: RPCError?
    /// The joint training that ended last: its extractors serve.
    var last: JointRun?
    /// The version of the model that agents serve, once the training is over.
    var modelVersion: String?
    /// The joint trainings that have begun.
    var tallies: [JobTally] = []
    /// What was reported last.
    var progress: TrainingProgress?
    var heldOutScore: Float?

    var isFinished: Bool { modelVersion != nil }
  }

  let configuration: TrainingCenterConfiguration
  let keys: LabelledKeys
  let logger: Logger
  let store: CheckpointStore
  /// Names the training to agents.
  let training: String
  let state: Mutex<State>

  /// - Throws: ``CopurError`` if the folder of checkpoints cannot be used.
  public init(_ configuration: TrainingCenterConfiguration, keys: LabelledKeys, logger: Logger) throws {
    self.configuration = configuration
    self.keys = keys
    self.logger = logger
    let agents = configuration.agents.count
    let text = ([configuration.purpose, keys.digest] + configuration.agents.map(\.name)).joined(separator: "\n")
    let training = String(SHA256Digest.hexadecimal(of: Data(text.utf8)).prefix(32))
    self.training = training
    store = try CheckpointStore(folder: configuration.state.map { $0.appending(path: training) })
    state = Mutex(
      State(
        links: Array(repeating: nil, count: agents), features: Array(repeating: nil, count: agents),
        rows: Array(repeating: nil, count: agents), presence: Array(repeating: nil, count: agents),
        known: Array(repeating: nil, count: agents), earlier: Array(repeating: .init(), count: agents)))
  }

  /// The rows to train on, as soon as every agent has come and said which it has.
  ///
  /// - Throws: `CancellationError`; ``CopurError`` of code `.unavailable` if all agents were left out.
  public func rows() async throws -> TrainingRows {
    _ = try await links()
    let (features, presence, leftOut) = state.withLock { ($0.features, $0.presence, $0.leftOut) }
    let agents = configuration.agents
    var flags = [Bool](repeating: false, count: keys.labels.count * agents.count)
    for agent in agents.indices where !leftOut.contains(agent) {
      for (row, isPresent) in (presence[agent] ?? []).enumerated() { flags[row * agents.count + agent] = isPresent }
    }
    return TrainingRows(
      roster: try AgentRoster(agents: agents, widths: features.map { $0 ?? 1 }), classNames: configuration.classNames,
      silence: configuration.silence, digest: keys.digest, agents: self, numbers: Array(keys.labels.indices),
      labels: keys.labels, presence: flags)
  }

  public func train(
    _ job: JointJob, center: JointTrainingCenter, progress: @escaping @Sendable (Int, Float) -> Void
  ) async throws -> (agents: any TrainedAgents, center: JointTrainingCenter) {
    let tally = JobTally(name: job.name, epochs: center.epochs)
    state.withLock { $0.tallies.append(tally) }
    let run = JointRun(center: self, job: job, id: newJob(), tally: tally, progress: progress)
    let trained =
      // Asynchronous training writes a checkpoint for each agent, and connections are not to wait for a disk so often.
      if let executor = configuration.executor, job.training.jointExchange.mode == .synchronous {
        try await withTaskExecutorPreference(executor) { try await run.train(center) }
      } else {
        try await run.train(center)
      }
    tally.ended()
    state.withLock { $0.last = run }
    return (NetworkAgents(run: run, factors: nil), trained)
  }

  /// Tells agents which model their extractors serve, those of the last training.
  ///
  /// - Throws: `CancellationError`.
  public func finish(modelVersion: String) async throws {
    guard let run = state.withLock({ $0.last }) else { preconditionFailure("a training ends after a joint training") }
    try await again {
      let links = try await links()
      try await run.prepare(links)
      // An agent that came back meanwhile has forgotten it.
      if let factors = run.factors.withLock({ $0 }) { try await run.scale(links, by: factors) }
      try await ask(links, job: run.id) { _ in
        var finish = Copur_V1_TrainResponse.Finish()
        finish.job = run.id
        finish.modelVersion = modelVersion
        return .finish(finish)
      }
    }
    state.withLock { $0.modelVersion = modelVersion }
    changed()
    store.removeAll()
  }

  /// The training is over before its end: agents are told why.
  ///
  /// - Parameter error: What it failed with. A `CancellationError` says that the fusion center stops: agents wait for it.
  public func fail(_ error: any Error) {
    let failure =
      error is CancellationError
      ? RPCError(code: .unavailable, message: "the fusion center stops")
      : RPCError(code: .aborted, message: "the training has failed: \(error)")
    let links = state.withLock { state in
      state.failure = failure
      return state.links
    }
    for link in links { link?.end(failure) }
    changed()
  }

  private func newJob() -> UInt32 {
    state.withLock { state in
      state.nextJob += 1
      return state.nextJob
    }
  }
}
