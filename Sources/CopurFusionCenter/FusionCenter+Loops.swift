internal import CopurCore
internal import GRPCCore
internal import Logging
internal import Synchronization

extension FusionCenter {
  /// How often a full disk is tried again.
  private static let pauseWhileFull = Duration.milliseconds(500)

  /// Commits whatever has gathered while the last group was written, so that groups grow with the load and a lone block
  /// waits for nothing but its own commit.
  func commitGroups() async {
    while !Task.isCancelled {
      let group: CommitGroup? = state.withLock { state in
        guard !state.group.isEmpty else { return nil }
        defer { state.group = CommitGroup() }
        state.isCommitting = true
        return state.group
      }
      guard let group else {
        await groupWaits.wait()
        continue
      }
      do {
        if !group.records.isEmpty { try await store(group.records) }
      } catch {
        // Where the whole service is cut off, so is the commit: nothing more is said, and nothing is wrong.
        if !Task.isCancelled { journalFailed(error) }
        return
      }
      committed(group)
    }
  }

  /// Stores a group; waits while there is no room, as long as the service is not to shut down.
  private func store(_ records: JournalGroup) async throws {
    while true {
      do {
        try await journal.append(records)
        if state.withLock({ exchange(&$0.isJournalFull, with: false) }) {
          logger.notice("there is room for the journal again")
        }
        return
      } catch let error as JournalFull {
        let (isServing, wasFull) = state.withLock { state in
          guard case .serving = state.phase else { return (false, true) }
          return (true, exchange(&state.isJournalFull, with: true))
        }
        guard isServing else { throw error }
        if !wasFull {
          logger.error("no room for the journal: nothing is acknowledged", metadata: ["error": "\(error)"])
        }
        try await time.sleep(until: time.now + Self.pauseWhileFull)
      }
    }
  }

  private func committed(_ group: CommitGroup) {
    for (outbox, receipts) in group.receipts.values { outbox.deliver(receipts) }
    let verdicts = group.records.verdicts
    let (feeds, isDrained) = state.withLock { state in
      state.isCommitting = false
      for round in group.closed { state.batcher.closed(round) }
      state.table.decided(verdicts)
      // In one step with `decided`: a Predict that comes between finds a verdict either in the table or in its feed.
      return (verdicts.isEmpty ? [] : Array(state.feeds.values), state.isDrained)
    }
    for feed in feeds { feed.deliver(verdicts) }
    backlog.left(group.records.blockCount)
    if !group.closed.isEmpty { roundWaits.raise() }
    if isDrained { drained.raise() }
  }

  /// The first failure is the last word: after a failed fsync nobody knows what is on the disk, so nothing is retried.
  private func journalFailed(_ cause: any Error) {
    logger.critical("the journal failed: nothing is acknowledged any more", metadata: ["error": "\(cause)"])
    let error = RPCError(
      code: .unavailable, message: "the journal has failed: nothing is acknowledged any more", cause: cause)
    let (outboxes, feeds, wasDraining) = state.withLock { state in
      let wasDraining = if case .draining = state.phase { true } else { false }
      state.phase = .failed(error)
      return (Array(state.outboxes.values), Array(state.feeds.values), wasDraining)
    }
    for outbox in outboxes { outbox.close(error) }
    for feed in feeds { feed.close(error) }
    backlog.opened()
    if wasDraining { drained.raise() }
  }

  /// Decides whatever is ready, a batch at a time, off the threads that serve connections.
  func decideRounds() async {
    while !Task.isCancelled {
      let batch: Batcher.Batch? = state.withLock { state in
        let batch = state.batcher.workerBecameFree()
        state.isDeciding = batch != nil
        return batch
      }
      guard let batch else {
        await roundWaits.wait()
        continue
      }
      let verdicts = await worker.run { [decider] in decider.verdicts(of: batch) }
      state.withLock { state in
        state.group.records.verdicts += verdicts
        state.isDeciding = false
      }
      backlog.left(batch.rounds.count)
      groupWaits.raise()
    }
  }

  /// Closes rounds when their time has come.
  func watchClock() async {
    while !Task.isCancelled {
      let (closed, alarm) = state.withLock { state in
        let closed = state.table.advanced(to: time.now)
        state.group.closed += closed
        state.alarm = state.table.nextDeadline
        return (closed.count, state.alarm)
      }
      if closed > 0 {
        backlog.entered(closed)
        groupWaits.raise()
      }
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

/// Sets a flag, and says what it was.
private func exchange(_ flag: inout Bool, with new: Bool) -> Bool {
  defer { flag = new }
  return flag
}
