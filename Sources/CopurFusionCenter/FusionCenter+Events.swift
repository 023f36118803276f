internal import CopurCore
internal import CopurNumerics
internal import CopurWire
internal import GRPCCore
internal import Logging
internal import Synchronization

extension FusionCenter {
  /// An agent introduced itself.
  ///
  /// - Returns: Its position in the roster.
  /// - Throws: `RPCError`: NOT_FOUND, FAILED_PRECONDITION, UNAVAILABLE.
  func joined(agent name: String, width: Int?, modelVersion: String) throws -> Int {
    let (isServed, current) = try state.withLock { state in
      if let refusal = state.refusal { throw refusal }
      return (state.versions.contains(modelVersion), state.model.version)
    }
    let roster = configuration.roster
    guard let agent = try? AgentID(name), let index = roster.index(of: agent) else {
      throw RPCError(
        code: .notFound,
        message: "agent: one of those that the model expects (actual: \(String(name.prefix(64)).debugDescription))")
    }
    guard isServed else {
      throw RPCError(
        code: .failedPrecondition,
        message: "model_version: agent \(name) must have the fusion center's model (expected: "
          + "\"\(current)\", actual: \(String(modelVersion.prefix(128)).debugDescription))")
    }
    if let width, width != roster.layout.widths[index] {
      throw RPCError(
        code: .failedPrecondition,
        message: "width: agent \(name)'s block is \(roster.layout.widths[index]) wide (actual: \(width))")
    }
    return index
  }

  /// A Contribute stream opened.
  func streamOpened() throws -> ReceiptOutbox {
    let outbox = ReceiptOutbox(blocksInFlight: configuration.limits.blocksInFlightPerStream)
    try state.withLock { state in
      if let refusal = state.phase.refusal { throw refusal }
      state.outboxes[ObjectIdentifier(outbox)] = outbox
    }
    return outbox
  }

  /// A Contribute stream ended.
  func streamEnded(_ outbox: ReceiptOutbox) {
    outbox.close(RPCError(code: .cancelled, message: "the stream has ended"))
    state.withLock { state in
      state.outboxes[ObjectIdentifier(outbox)] = nil
      if let agent = state.speakers.removeValue(forKey: ObjectIdentifier(outbox)) {
        state.table.disconnected(agent, at: time.now)
      }
    }
    // Rounds that run may soon have nobody left to wait for.
    deadlineMoved.raise()
  }

  /// An agent's blocks came on a stream.
  ///
  /// - Parameters:
  ///   - hashes: The fingerprint of each block, ``BlockHash``.
  ///   - start: How many of the batch's samples, and of its silent ones after them, were taken before.
  /// - Returns: How many have been taken by now; fewer than there are if others have to catch up or rounds to close first; nil
  ///   if the session has to be claimed before (``claim(_:)``).
  /// - Throws: `RPCError` if some were not taken; those before them have, and get their receipts.
  func contributed(
    _ batch: BlockBatch, hashes: [UInt64], from start: Int, by agent: Int, on outbox: ReceiptOutbox
  ) throws -> Int? {
    let (actions, news, gatherings) = try state.withLock { state in
      // While draining, blocks of rounds that are open are still taken.
      if case .draining = state.phase {} else if let refusal = state.phase.refusal { throw refusal }
      if shared != nil, state.tokens[batch.session] == nil {
        var actions = RoundTable.Actions()
        actions.refusal = state.table.refusalOfNewSession(by: agent) ?? .unclaimed(session: batch.session)
        return (actions, News(), [RoundTable.Gathering]())
      }
      let before = state.table.progress
      var news = News()
      // Whoever made the group or the batch begin raises the signal: once is enough.
      (news.ofGroup, news.ofRounds) = (state.group.isEmpty, state.batcher.count == 0)
      let actions = state.table.contributed(batch, hashes: hashes, from: start, by: agent, at: time.now)
      var contribution: JournalGroup.Contribution?
      if !actions.accepted.isEmpty {
        contribution = JournalGroup.Contribution(
          actions.accepted, of: batch, defense: state.table.defense(ofSession: batch.session),
          modelVersion: state.model.version, agent: configuration.roster.agents[agent])
        state.groupGotTokens(of: CollectionOfOne(batch.session))
        if let trace = TraceContext.current, state.traces[batch.session] == nil {
          state.traces[batch.session] = "\(trace)"
        }
      }
      // Before the group can be committed, so that the stream is never behind its own receipts.
      if !actions.receipts.isEmpty { outbox.expected(actions.receipts) }
      state.group.append(actions.receipts, contribution, for: outbox)
      state.batcher.closed(actions.closed)
      backlog.entered(actions.accepted.count + actions.closed.count)
      news.ofGroup = news.ofGroup && !state.group.isEmpty
      news.ofRounds = news.ofRounds && !actions.closed.isEmpty
      (news.ofDeadline, news.ofProgress) = (state.needsEarlierAlarm, state.table.progress != before)
      return (actions, news, state.table.takeGatherings())
    }
    if case .unclaimed = actions.refusal { return nil }
    if news.ofGroup { groupWaits.raise() }
    if news.ofRounds { roundWaits.raise() }
    if news.ofDeadline { deadlineMoved.raise() }
    if news.ofProgress { roundsMoved.raise() }
    if !gatherings.isEmpty { told(gatherings) }
    // A block of a round that will not be opened any more stays without a receipt until the stream ends: blocks of open
    // rounds may follow it.
    if let refusal = actions.refusal, refusal != .draining, !refusal.passes { throw RPCError(refusal) }
    return actions.refusal == .draining ? batch.samples.count + batch.silent.count : actions.taken
  }

  /// The changes by an agent's blocks that somebody may wait for.
  private struct News {
    var ofGroup = false
    var ofRounds = false
    var ofDeadline = false
    var ofProgress = false
  }

  /// A client asked for samples.
  ///
  /// - Returns: Nil if the session has to be claimed before (``claim(_:)``).
  /// - Throws: `RPCError`.
  func requested(
    session: String, defense name: String, samples: [UInt64]
  ) throws -> (defense: String, feed: VerdictFeed)? {
    let names = configuration.defenses.map(\.name)
    var defense: Int?
    if !name.isEmpty {
      defense = names.firstIndex(of: name)
      guard defense != nil else {
        throw RPCError(
          code: .notFound,
          message: "defense: one of \(names) (actual: \(String(name.prefix(128)).debugDescription))")
      }
    }
    let outcome: (RoundTable.Requested, VerdictFeed, Bool, [RoundTable.Gathering])? = try state.withLock { state in
      if let refusal = state.refusal { throw refusal }
      if shared != nil, state.tokens[session] == nil {
        if let refusal = state.table.refusalOfNewSession(by: nil) { throw RPCError(refusal) }
        return nil
      }
      let opened = try state.table.requested(session: session, defense: defense, samples: samples, at: time.now)
      let feed = VerdictFeed(
        session: session, samples: Set(opened.pending), decided: opened.decided,
        limit: configuration.limits.verdictsPerWatcher)
      state.feeds[ObjectIdentifier(feed)] = feed
      if let trace = TraceContext.current { state.traces[session] = "\(trace)" }
      return (opened, feed, state.needsEarlierAlarm, state.table.takeGatherings())
    }
    guard let (opened, feed, needsEarlierAlarm, gatherings) = outcome else { return nil }
    if needsEarlierAlarm { deadlineMoved.raise() }
    if !gatherings.isEmpty { told(gatherings) }
    logger.debug(
      "samples requested",
      metadata: ["session": "\(session)", "samples": "\(samples.count)", "defense": "\(names[opened.defense])"])
    return (names[opened.defense], feed)
  }

  /// A client began to watch.
  func watched(session: String?) throws -> VerdictFeed {
    let feed = VerdictFeed(session: session, samples: nil, limit: configuration.limits.verdictsPerWatcher)
    try state.withLock { state in
      if let refusal = state.phase.refusal { throw refusal }
      state.feeds[ObjectIdentifier(feed)] = feed
    }
    return feed
  }

  /// A Predict or Watch call ended.
  func feedEnded(_ feed: VerdictFeed) {
    state.withLock { $0.feeds[ObjectIdentifier(feed)] = nil }
  }
}
