public import CopurCore
internal import CopurTraining
internal import CopurWire
internal import GRPCCore
internal import Logging
internal import Synchronization

/// The agents that are there, and the wait for those that are not.
extension TrainingCenter {
  /// An agent came with its rows.
  ///
  /// - Throws: ``RPCError`` if it is not as it was before.
  func joined(_ link: AgentLink, agent: Int, features: Int, rows: String, presence: [Bool]) throws {
    let known = presence.count { $0 }
    let old: AgentLink? = try state.withLock { state in
      if let failure = state.failure { throw failure }
      if let before = state.features[agent], before != features {
        throw RPCError(
          code: .failedPrecondition, message: "agent \(link.agent) has \(before) features (now: \(features))")
      }
      if let before = state.rows[agent], before != rows {
        throw RPCError(
          code: .failedPrecondition, message: "agent \(link.agent) comes back with the rows that it had before")
      }
      state.features[agent] = features
      state.rows[agent] = rows
      state.presence[agent] = presence
      state.known[agent] = known
      defer { state.links[agent] = link }
      return state.links[agent]
    }
    old?.end(RPCError(code: .aborted, message: "agent \(link.agent) came again"))
    logger.info(
      "an agent is there", metadata: ["agent": "\(link.agent)", "features": "\(features)", "rows": "\(known)"])
    changed()
  }

  func left(_ link: AgentLink, agent: Int) {
    let isCurrent = state.withLock { state in
      state.earlier[agent] = state.earlier[agent] + link.transferred
      guard state.links[agent] === link else { return false }
      state.links[agent] = nil
      return true
    }
    guard isCurrent else { return }
    if !state.withLock({ $0.isFinished }) {
      logger.warning(
        "an agent is away", metadata: ["agent": "\(link.agent)", "error": "\(link.error.map { "\($0)" } ?? "")"])
    }
    changed()
  }

  /// The agents that the training needs and that are not there.
  public var absent: [AgentID] {
    state.withLock { state in
      configuration.agents.indices.filter { state.links[$0] == nil && !state.leftOut.contains($0) }
        .map { configuration.agents[$0] }
    }
  }

  /// The links of all agents that were not left out, once all of them are there.
  ///
  /// - Throws: `CancellationError`; ``CopurError`` of code `.unavailable` if no agent is left.
  func links() async throws -> [Int: AgentLink] {
    let start = ContinuousClock.now
    while true {
      try Task.checkCancellation()
      let (links, missing, changes) = state.withLock { state in
        // A stream that has failed is as good as none, until its end is seen.
        let links = state.links.map { $0?.error == nil ? $0 : nil }
        return (
          links, links.indices.filter { links[$0] == nil && !state.leftOut.contains($0) }, state.changes
        )
      }
      if missing.isEmpty {
        let leftOut = state.withLock { $0.leftOut }
        let present = links.enumerated().compactMap { leftOut.contains($0.offset) ? nil : ($0.offset, $0.element) }
        guard !present.isEmpty else { throw CopurError(.unavailable, "every agent has been away for too long") }
        return Dictionary(uniqueKeysWithValues: present.compactMap { place, link in link.map { (place, $0) } })
      }
      guard case .leaveOut(let patience) = configuration.absence else {
        await change(after: changes)
        continue
      }
      let left = patience - (.now - start)
      if left > .zero {
        let alarm = Task { [self] in
          try? await Task.sleep(for: left)
          changed()
        }
        await change(after: changes)
        alarm.cancel()
      } else {
        for agent in missing {
          logger.warning("an agent is left out from now on", metadata: ["agent": "\(configuration.agents[agent])"])
        }
        state.withLock { $0.leftOut.formUnion(missing) }
      }
    }
  }

  /// The link of one agent, as soon as it is there; nil if it is left out.
  func link(of agent: Int) async throws -> AgentLink? {
    while true {
      try Task.checkCancellation()
      let (link, isLeftOut, changes) = state.withLock { ($0.links[agent], $0.leftOut.contains(agent), $0.changes) }
      if let link, link.error == nil { return link }
      if isLeftOut { return nil }
      await change(after: changes)
    }
  }

  /// Repeats what needs all agents until none of them goes away meanwhile.
  func again<Result>(_ body: () async throws -> Result) async throws -> Result {
    while true {
      do {
        return try await body()
      } catch let error as LinkLost {
        logger.info("waiting for an agent", metadata: ["agent": "\(error.agent)"])
      }
    }
  }

  /// Asks agents the same question, and waits for all answers.
  ///
  /// - Throws: ``LinkLost`` if one goes away.
  @discardableResult
  func ask(
    _ links: [Int: AgentLink], job: UInt32, _ question: (Int) -> Copur_V1_TrainResponse.OneOf_Content
  ) async throws -> [Int: Answers.Content] {
    let agents = links.keys.sorted()
    let answers = Answers(count: agents.count)
    for (place, agent) in agents.enumerated() {
      await links[agent]!.ask(question(agent), job: job, answers: answers, place: place)
    }
    return Dictionary(uniqueKeysWithValues: zip(agents, try await answers.all()))
  }

  /// Agents came or went.
  func changed() {
    let waiters = state.withLock { state in
      state.changes += 1
      defer { state.waiters = [:] }
      return state.waiters
    }
    for waiter in waiters.values { waiter.resume() }
  }

  /// Waits for a change after the given ones, or the task's cancellation.
  private func change(after seen: UInt64) async {
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          guard state.changes == seen, !Task.isCancelled else { return true }
          state.waiters[number] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
    }
  }
}
