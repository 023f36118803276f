public import CopurCore
internal import GRPCCore
internal import Logging
internal import Synchronization

extension FusionCenter {
  /// The expected agents.
  public var roster: AgentRoster { configuration.roster }

  /// The state of the service now.
  public var status: FusionCenterStatus {
    let drift = driftAlarms
    return state.withLock { state in
      var streams = [Int](repeating: 0, count: roster.count)
      for agent in state.speakers.values { streams[agent] += 1 }
      var status = FusionCenterStatus(
        phase: FusionCenterStatus.Phase(state.phase), streams: streams, openRounds: state.table.openCount,
        backlog: backlog.waiting, unstartedRounds: state.table.openCount - state.table.runningCount,
        waitingSessions: state.table.gatheringSessions.map {
          FusionCenterStatus.WaitingSession(
            name: $0.session, agents: $0.missing, waited: max(.zero, time.now - $0.since),
            longest: configuration.patience.sessionWait)
        })
      status.alarms = drift.standing
      status.watchesAgents = drift.subjects.contains { if case .agent = $0 { true } else { false } }
      return status
    }
  }

  /// Begins to watch every round that is decided, from now on.
  ///
  /// - Parameter limit: The most rounds that wait for the watcher.
  /// - Returns: The rounds; to be given to ``unwatched(_:)`` in the end.
  public func watchedRounds(limit: Int = 65_536) -> RoundFeed {
    let feed = RoundFeed(limit: limit)
    state.withLock { $0.roundFeeds[ObjectIdentifier(feed)] = feed }
    return feed
  }

  /// A watcher has seen enough.
  public func unwatched(_ feed: RoundFeed) {
    state.withLock { $0.roundFeeds[ObjectIdentifier(feed)] = nil }
  }

  /// A Contribute stream is known to be an agent's.
  func introduced(agent: Int, on outbox: ReceiptOutbox) {
    let (gatherings, closed) = state.withLock { state -> ([RoundTable.Gathering], Int) in
      // The stream may have ended meanwhile.
      guard state.outboxes[ObjectIdentifier(outbox)] != nil else { return ([], 0) }
      state.speakers[ObjectIdentifier(outbox)] = agent
      let closed = state.table.connected(agent, at: time.now)
      state.batcher.closed(closed)
      return (state.table.takeGatherings(), closed.count)
    }
    moved(closed: closed, gatherings)
  }

  /// Has a session wait for its agents no longer: the clocks of its rounds run from now on, with those that are there.
  ///
  /// - Returns: Whether it waited.
  public func open(session: String) -> Bool {
    let (gatherings, closed) = state.withLock { state -> ([RoundTable.Gathering], Int?) in
      guard let closed = state.table.opened(session, at: time.now) else { return ([], nil) }
      state.batcher.closed(closed)
      return (state.table.takeGatherings(), closed.count)
    }
    guard let closed else { return false }
    moved(closed: closed, gatherings)
    return true
  }

  /// Sessions have opened: rounds may have started or closed.
  private func moved(closed: Int, _ gatherings: [RoundTable.Gathering]) {
    if closed > 0 {
      backlog.entered(closed)
      roundWaits.raise()
    }
    guard !gatherings.isEmpty else { return }
    roundsMoved.raise()
    deadlineMoved.raise()
    told(gatherings)
  }

  /// Sessions wait for agents, or do not any more: the log has it.
  func told(_ gatherings: [RoundTable.Gathering]) {
    for gathering in gatherings {
      let agents = gathering.missing.map(\.name)
      var metadata: Logger.Metadata = ["session": "\(gathering.session)"]
      if !agents.isEmpty { metadata["agents"] = "\(agents.joined(separator: " "))" }
      guard gathering.until == nil else {
        metadata["at-most"] = "\(configuration.patience.sessionWait) after the last of them came"
        logger.notice("a session waits for its agents", metadata: metadata)
        continue
      }
      if agents.isEmpty {
        logger.info("a session has all its agents", metadata: metadata)
      } else {
        logger.warning("a session goes on without agents that did not come", metadata: metadata)
      }
    }
  }
}

extension FusionCenterStatus.Phase {
  fileprivate init(_ phase: FusionCenter.State.Phase) {
    self =
      switch phase {
      case .serving: .serving
      case .draining: .draining
      case .failed(let error): .failed(error.message)
      case .stopped: .stopped
      }
  }
}
