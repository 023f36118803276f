public import CopurCore
internal import GRPCCore
internal import Synchronization

extension FusionCenter {
  /// The expected agents.
  public var roster: AgentRoster { configuration.roster }

  /// How the service is now.
  public var status: FusionCenterStatus {
    let alarms = driftAlarms.standing
    return state.withLock { state in
      var streams = [Int](repeating: 0, count: roster.count)
      for agent in state.speakers.values { streams[agent] += 1 }
      var status = FusionCenterStatus(
        phase: FusionCenterStatus.Phase(state.phase), streams: streams, openRounds: state.table.openCount,
        backlog: backlog.waiting)
      status.alarms = alarms
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
    state.withLock { state in
      // The stream may have ended meanwhile.
      if state.outboxes[ObjectIdentifier(outbox)] != nil { state.speakers[ObjectIdentifier(outbox)] = agent }
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
