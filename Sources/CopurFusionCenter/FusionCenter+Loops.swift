internal import CopurCore
internal import GRPCCore
internal import Logging
internal import Synchronization

extension FusionCenter {
  private static let noRoom = "there is no room for the journal"
  private static let unreachable = "the journal cannot be reached"
  /// The pause after which a full disk, or a database that is away, is tried again.
  private static let pauseWhileWaiting = Duration.milliseconds(500)

  /// Commits whatever has gathered while the last group was written, so that groups grow with the load and a lone block
  /// waits for nothing but its own commit.
  func commitGroups() async {
    var pace = Pace(interval: configuration.batchDelay)
    while !Task.isCancelled {
      if state.withLock({ !$0.group.isEmpty }) { await pace.turn() }
      let group: CommitGroup? = state.withLock { state in
        guard !state.group.isEmpty else { return nil }
        defer { state.group = CommitGroup() }
        state.isCommitting = true
        return state.group
      }
      guard var group else {
        await groupWaits.wait()
        continue
      }
      do {
        if !group.records.isEmpty {
          let start = ContinuousClock.now
          try await store(&group)
          meters.committed(blocks: group.records.blockCount, in: .now - start)
        }
      } catch {
        // A commit that is cut off with the whole service is no failure: nothing more is said, and nothing is wrong.
        if !Task.isCancelled { journalFailed(error) }
        return
      }
      committed(group)
    }
  }

  /// Stores a group; waits while there is no room, or nobody to store it, as long as the service is not to shut down. What is
  /// of sessions that another center has by now is taken out of it.
  private func store(_ group: inout CommitGroup) async throws {
    while !group.records.isEmpty {
      do {
        try await journal.append(group.records)
        return journalAnswered()
      } catch let error as SessionsLost {
        // Where nothing is left of the group, no later one may come before agents are taken again.
        journalAnswered()
        lost(error.holders, tokens: group.records.tokens)
        let (count, outboxes) = group.remove(sessions: Set(error.holders.keys))
        backlog.left(count)
        for outbox in outboxes {
          outbox.close(RPCError(code: .unavailable, message: "blocks could not be stored: \(error)"))
        }
      } catch let error as JournalFull {
        try await wait(for: error, Self.noRoom)
      } catch let error as JournalUnreachable {
        try await wait(for: error, Self.unreachable)
      }
    }
  }

  /// Nothing is in the journal's way.
  private func journalAnswered() {
    switch state.withLock({ exchange(&$0.journalObstacle, with: nil) }) {
    case nil: break
    case .some(Self.noRoom): logger.notice("there is room for the journal again")
    case .some: logger.notice("the journal can be reached again")
    }
  }

  /// Waits until it is time to try again.
  ///
  /// - Throws: The error, where the service shuts down.
  private func wait(for error: any Error, _ obstacle: String) async throws {
    let (isServing, before) = state.withLock { state in
      guard case .serving = state.phase else { return (false, String?.none) }
      return (true, exchange(&state.journalObstacle, with: obstacle))
    }
    guard isServing else { throw error }
    if before != obstacle {
      logger.error("\(obstacle): nothing is acknowledged", metadata: ["error": "\(error)"])
    }
    try await time.sleep(until: time.now + Self.pauseWhileWaiting)
  }

  private func committed(_ group: CommitGroup) {
    for stream in group.receipts.values { stream.outbox.deliver(stream.receipts) }
    meters.receipted(group.receipts.values.map(\.receipts))
    let verdicts = group.records.verdicts
    let (feeds, roundFeeds, isDrained) = state.withLock { state in
      state.isCommitting = false
      state.table.decided(verdicts)
      // In one step with `decided`: a Predict that comes between finds a verdict either in the table or in its feed.
      guard !verdicts.isEmpty else {
        return ([VerdictFeed](), [RoundFeed](), state.isDrained)
      }
      return (Array(state.feeds.values), Array(state.roundFeeds.values), state.isDrained)
    }
    watched(verdicts)
    for feed in feeds { feed.deliver(verdicts) }
    if !verdicts.isEmpty { told(verdicts, at: group.times, to: roundFeeds) }
    backlog.left(group.records.blockCount + verdicts.count)
    if isDrained { drained.raise() }
  }

  /// Verdicts are stored: those who watch in this process see them, and the log has them where it is told to.
  private func told(_ verdicts: [Verdict], at times: [RoundTimes], to feeds: [RoundFeed]) {
    let isLogged = logger.logLevel <= .debug
    guard isLogged || !feeds.isEmpty else { return }
    let now = time.now
    let rounds = zip(verdicts, times).map { verdict, times in
      DecidedRound(verdict: verdict, latency: times.started.map { now - $0 }, parts: times.parts(until: now))
    }
    if isLogged {
      for round in rounds {
        let verdict = round.verdict
        var metadata: Logger.Metadata = [
          "session": "\(verdict.session)", "sample": "\(verdict.sample)", "model": "\(verdict.modelVersion)",
          "contributed": .array(verdict.contributed.map { "\($0)" }),
          "missing": .array(verdict.missing.map { "\($0)" }),
        ]
        if let decision = verdict.decision { metadata["label"] = "\(decision.label)" }
        if let trace = round.trace { metadata["trace"] = "\(trace.traceID)" }
        logger.debug("round decided", metadata: metadata)
      }
    }
    for feed in feeds { feed.deliver(rounds) }
  }

  /// The first failure is the last word: after a failed fsync nobody knows what is on the disk, so nothing is retried.
  func journalFailed(_ cause: any Error) {
    logger.critical("the journal failed: nothing is acknowledged any more", metadata: ["error": "\(cause)"])
    failed("the journal has failed: nothing is acknowledged any more", cause)
  }

  /// A defence that is a program of its own has failed: nothing can be decided, and the service ends.
  private func defenseFailed(_ cause: any Error) {
    logger.critical("the defence failed: nothing is decided any more", metadata: ["error": "\(cause)"])
    failed("the defence has failed: nothing is decided any more", cause)
    drained.raise()
  }

  private func failed(_ message: String, _ cause: any Error) {
    let error = RPCError(code: .unavailable, message: message, cause: cause)
    let (outboxes, feeds, wasDraining) = state.withLock { state in
      let wasDraining = if case .draining = state.phase { true } else { false }
      state.phase = .failed(error)
      return (Array(state.outboxes.values), Array(state.feeds.values), wasDraining)
    }
    for outbox in outboxes { outbox.close(error) }
    for feed in feeds { feed.close(error) }
    backlog.lifted()
    if wasDraining { drained.raise() }
  }

  /// Decides whatever is ready, a batch at a time, off the threads that serve connections.
  ///
  /// Meanwhile the rounds' last blocks are committed; a verdict is committed with them or after them, never before.
  func decideRounds() async {
    var pace = Pace(interval: configuration.batchDelay)
    while !Task.isCancelled {
      if state.withLock({ $0.batcher.count > 0 }) { await pace.turn() }
      let (batch, decider) = state.withLock { state in
        let batch = state.batcher.workerBecameFree()
        state.isDeciding = batch != nil
        // One model for the whole batch, whatever is put in its place meanwhile.
        return (batch, Decider(model: state.model))
      }
      guard let batch else {
        await roundWaits.wait()
        continue
      }
      let (start, deciding) = (ContinuousClock.now, time.now)
      var verdicts: [Verdict]
      switch await worker.run({ Result { try decider.verdicts(of: batch) } }) {
      case .success(let decided): verdicts = decided
      case .failure(let error): return defenseFailed(error)
      }
      let decided = time.now
      meters.decided(rounds: batch.rounds.count, in: .now - start)
      state.withLock { state in
        if !state.traces.isEmpty {
          for index in verdicts.indices { verdicts[index].traceparent = state.traces[verdicts[index].session] }
        }
        var times = batch.rounds.map { RoundTimes(started: $0.opened, deciding: deciding, decided: decided) }
        if !state.discarded.isEmpty {
          let kept = verdicts.indices.filter { !state.discarded.contains(verdicts[$0].session) }
          backlog.left(verdicts.count - kept.count)
          (verdicts, times) = (kept.map { verdicts[$0] }, kept.map { times[$0] })
          state.discarded = []
        }
        state.groupGotTokens(of: verdicts.lazy.map(\.session))
        state.group.append(verdicts, at: times)
        state.isDeciding = false
      }
      groupWaits.raise()
      drained.raise()
    }
  }

  /// Closes rounds when their time has come.
  func watchClock() async {
    while !Task.isCancelled {
      let (closed, alarm, hasMoved, gatherings) = state.withLock { state in
        let before = state.table.progress
        let closed = state.table.advanced(to: time.now)
        state.batcher.closed(closed)
        state.alarm = state.table.nextDeadline
        return (closed.count, state.alarm, state.table.progress != before, state.table.takeGatherings())
      }
      if closed > 0 {
        backlog.entered(closed)
        roundWaits.raise()
      }
      if hasMoved { roundsMoved.raise() }
      if !gatherings.isEmpty { told(gatherings) }
      await sleep(until: alarm)
    }
  }

  /// Sleeps until a time or until a deadline comes up that is before it.
  private func sleep(until alarm: Duration?) async {
    guard let alarm else { return await deadlineMoved.wait() }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [time] in try? await time.sleep(until: alarm) }
      group.addTask { [deadlineMoved] in await deadlineMoved.wait() }
      await group.next()
      group.cancelAll()
    }
  }
}

/// Sets a value, and says what it was.
private func exchange<Value>(_ value: inout Value, with new: Value) -> Value {
  defer { value = new }
  return value
}
