internal import CopurCore
internal import CopurLearning
internal import CopurNumerics
internal import CopurTraining
internal import CopurWire
internal import Logging
internal import Synchronization

/// A loop for each agent, which takes its steps with what the others sent last.
extension JointRun {
  /// The state that agents' loops share.
  private final class Shared: Sendable {
    /// The center's side, and the number of each agent's last checkpoint.
    let state: Mutex<(center: JointTrainingCenter, agents: [Int: UInt64])>

    init(_ center: JointTrainingCenter, agents: [Int: UInt64]) { state = Mutex((center, agents)) }
  }

  func asynchronous(_ initial: JointTrainingCenter) async throws -> JointTrainingCenter {
    var state = initial
    let entry = try center.store.entry(of: job.name)
    if let entry {
      try state.restore(entry.state)
      tally.reached(epoch: state.completedEpochs, loss: nil)
    }
    // Everybody is there when it begins: who has never come has no embeddings.
    _ = try await center.links()
    let (shared, count) = (Shared(state, agents: entry?.agents ?? [:]), state.layout.count)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for agent in 0..<count {
        group.addTask { [self] in
          while try await !contacts(of: agent, shared) {}
        }
      }
      try await group.waitForAll()
    }
    return shared.state.withLock { $0.center }
  }

  /// One agent's contacts, until it goes away or all contacts were made.
  ///
  /// - Returns: Whether it is at the end.
  private func contacts(of agent: Int, _ shared: Shared) async throws -> Bool {
    guard let link = try await center.link(of: agent) else {
      shared.state.withLock { $0.center.forget(agent) }
      return true
    }
    do {
      let links = [agent: link]
      let from = shared.state.withLock { $0.agents[agent] ?? Checkpoint.beginning }
      if try await !begin(links, at: { _ in from }), from == Checkpoint.trained {
        throw CopurError(.unavailable, "agent \(link.agent) has lost what it learned")
      }
      if from == Checkpoint.trained { return true }
      var gradient: Matrix?
      var (saved, savedAt) = (from, ContinuousClock.now)
      while true {
        try Task.checkCancellation()
        let rows = shared.state.withLock { $0.center.nextRows(of: agent) }
        let isDue = rows != nil && gradient != nil && .now - savedAt >= center.configuration.checkpointInterval
        let save = isDue ? saved + 1 : Checkpoint.beginning
        let content = try await contact(link, gradient, rows: rows, save: save)
        guard let rows else {
          guard case .message(.done) = content else { throw reject(link, "Done answers the end of a job") }
          try await ended(agent, at: Checkpoint.trained, shared)
          _ = prepared.withLock { $0.insert(ObjectIdentifier(link)) }
          return true
        }
        var block = Matrix(rows: rows.count, columns: job.training.embedding)
        try receive(content, in: &block, columns: 0..<block.columns, link: link, save: save)
        if isDue {
          savedAt = .now
          if content.saved == save {
            saved = save
            try await ended(agent, at: save, shared)
          }
        }
        let (slope, epoch) = try shared.state.withLock { try $0.center.step(block, of: rows, from: agent) }
        gradient = try shared.state.withLock { try finite(slope, in: $0.center) }
        tally.stepped()
        if let epoch { progress(epoch.number, epoch.loss) }
      }
    } catch let error as LinkLost {
      center.logger.info("an agent's contacts stop", metadata: ["agent": "\(error.agent)", "job": "\(job.name)"])
      return false
    }
  }

  /// An agent has written a checkpoint: the center's own goes with it.
  ///
  /// Agents that end at once have theirs written one after the other, each with all that ended before it.
  private func ended(_ agent: Int, at number: UInt64, _ shared: Shared) async throws {
    shared.state.withLock { $0.agents[agent] = number }
    try await center.store.store(of: job.name) {
      shared.state.withLock { shared in
        let all = (0..<shared.center.layout.count).allSatisfy { shared.agents[$0] == Checkpoint.trained }
        return CheckpointStore.Entry(
          number: all ? Checkpoint.trained : Checkpoint.beginning, state: shared.center.state, agents: shared.agents)
      }
    }
  }
}
