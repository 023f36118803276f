internal import CopurCore
internal import CopurLearning
internal import CopurNumerics
internal import CopurTraining
internal import CopurWire
internal import Logging
internal import Synchronization

/// Steps with all agents at a time, from checkpoint to checkpoint.
extension JointRun {
  func synchronous(_ initial: JointTrainingCenter) async throws -> JointTrainingCenter {
    var last = try center.store.entry(of: job.name)
    while true {
      do {
        let links = try await center.links()
        var state = initial
        if let entry = last {
          try state.restore(entry.state)
          tally.reached(epoch: state.completedEpochs, loss: nil)
          // An agent that has lost what it learned makes all of them begin again.
          guard try await begin(links, at: { _ in entry.number }) else {
            center.logger.warning("an agent has no checkpoint: training begins again", metadata: ["job": "\(job.name)"])
            last = nil
            continue
          }
          if entry.number == Checkpoint.trained {
            prepared.withLock { $0 = Set(links.values.map { ObjectIdentifier($0) }) }
            return state
          }
        } else {
          _ = try await begin(links, at: { _ in Checkpoint.beginning })
        }
        return try await steps(links, &state, from: &last)
      } catch let error as LinkLost {
        center.logger.info("training waits for an agent", metadata: ["agent": "\(error.agent)", "job": "\(job.name)"])
      }
    }
  }

  private func steps(
    _ links: [Int: AgentLink], _ state: inout JointTrainingCenter, from last: inout CheckpointStore.Entry?
  ) async throws -> JointTrainingCenter {
    let layout = state.layout
    let agents = links.keys.sorted()
    let absent = Set(0..<layout.count).subtracting(agents)
    let numbers = job.training.jointExchange.numbers
    var gradient: Matrix?
    var savedAt = ContinuousClock.now
    while true {
      if state.isAtEpochStart { try Task.checkCancellation() }
      let mayBeDue =
        gradient != nil && state.isAtEpochStart && .now - savedAt >= center.configuration.checkpointInterval
      // What a checkpoint begins with is as it was before the rows were drawn.
      let before = mayBeDue ? state.state : nil
      let rows = state.nextRows()
      let isDue = mayBeDue && rows != nil
      let save = isDue ? (last?.number ?? 0) + 1 : Checkpoint.beginning
      let answers = Answers(count: agents.count)
      let question = StepQuestion.Rows(rows ?? [])
      for (place, agent) in agents.enumerated() {
        let link = links[agent]!
        if numbers == .float32 {
          let message = StepQuestion.message(
            job: id, gradient: gradient.map { ($0, layout[agent]) }, rows: question, save: save)
          link.ask(step: message, job: id, answers: answers, place: place)
        } else {
          await link.ask(
            exchange(gradient?.columns(layout[agent]), rows: rows, save: save), job: id, answers: answers, place: place)
        }
      }
      let contents = try await answers.all()
      guard let rows else {
        for (place, agent) in agents.enumerated() {
          guard case .message(.done) = contents[place] else {
            throw reject(links[agent]!, "Done answers the end of a job")
          }
        }
        try await store(.init(number: Checkpoint.trained, state: state.state, agents: [:]), as: &last)
        prepared.withLock { $0 = Set(links.values.map { ObjectIdentifier($0) }) }
        return state
      }
      var embeddings = Matrix(rows: rows.count, columns: layout.totalWidth)
      for (place, agent) in agents.enumerated() {
        try receive(contents[place], in: &embeddings, columns: layout[agent], link: links[agent]!, save: save)
      }
      if isDue, let before {
        savedAt = .now
        // An agent may be one that writes none.
        if contents.allSatisfy({ $0.saved == save }) {
          try await store(.init(number: save, state: before, agents: [:]), as: &last)
        }
      }
      let (slopes, epoch) = try state.step(embeddings, of: rows, without: absent)
      gradient = try finite(slopes, in: state)
      tally.stepped()
      if let epoch { progress(epoch.number, epoch.loss) }
    }
  }

  private func store(_ entry: CheckpointStore.Entry, as last: inout CheckpointStore.Entry?) async throws {
    try await center.store.store(of: job.name) { entry }
    last = entry
  }
}
