internal import CopurCore
internal import GRPCCore
internal import Logging
internal import Synchronization

/// The sessions that are this center's, where several write to one journal.
extension FusionCenter {
  /// Makes a session this center's if it is nobody's, or its center is gone.
  ///
  /// - Throws: `RPCError`: FAILED_PRECONDITION if it is another center's, which the message names; UNAVAILABLE if that one is
  ///   late with its renewal, or the journal cannot be asked.
  func claim(_ session: String) async throws {
    guard let shared else { return }
    try await leaseTurns.pass {
      // Somebody was faster.
      if state.withLock({ $0.tokens[session] != nil }) { return }
      switch try await asking({
        try await shared.claim(session, remembering: configuration.limits.rememberedRounds)
      }) {
      case .granted(let recovery): adopt(recovery)
      case .held(let holder): throw elsewhere(session, holder)
      }
    }
  }

  /// Sees to it that nobody watches a session here that is another center's.
  ///
  /// - Throws: As ``claim(_:)``.
  func checkPlace(of session: String) async throws {
    guard let shared, state.withLock({ $0.tokens[session] == nil }) else { return }
    if let holder = try await asking({ try await shared.holder(of: session) }) { throw elsewhere(session, holder) }
  }

  /// Gives errors of the journal words of our own.
  private func asking<Answer>(_ ask: () async throws -> Answer) async throws -> Answer {
    do { return try await ask() } catch let error as JournalUnreachable {
      throw RPCError(code: .unavailable, message: "the journal cannot be asked whose a session is", cause: error)
    } catch let error as CopurError {
      throw RPCError(
        code: .unavailable, message: "the journal cannot say whose a session is: \(error.message)", cause: error)
    }
  }

  /// Renews the leases, and follows the sessions as they change hands, for as long as this center serves.
  func keepLeases() async {
    guard let shared else { return }
    await withDiscardingTaskGroup { group in
      group.addTask { await self.renewLeases(of: shared) }
      group.addTask { await self.followSessions(of: shared) }
    }
  }

  private func renewLeases(of shared: any SharedJournal) async {
    var isAway = false
    while !Task.isCancelled, state.withLock({ $0.isAlive }) {
      do {
        if try await shared.renew() { leaseNews.raise() }
        if isAway { logger.notice("the leases of sessions are renewed again") }
        isAway = false
      } catch let error as JournalUnreachable {
        if !isAway { logger.warning("the leases of sessions cannot be renewed", metadata: ["error": "\(error)"]) }
        isAway = true
      } catch {
        if !Task.isCancelled { journalFailed(error) }
        return
      }
      try? await time.sleep(until: time.now + shared.renewalInterval)
    }
  }

  private func followSessions(of shared: any SharedJournal) async {
    while !Task.isCancelled, state.withLock({ $0.isAlive }) {
      await leaseNews.wait()
      guard !Task.isCancelled else { return }
      do {
        try await leaseTurns.pass {
          let isServing = state.withLock { if case .serving = $0.phase { true } else { false } }
          let changes = try await shared.reconcile(
            remembering: configuration.limits.rememberedRounds, takesOver: isServing)
          lost(changes.lost)
          guard !changes.gone.isEmpty else { return }
          logger.warning(
            "sessions of a fusion center that has not renewed its leases go on here",
            metadata: [
              "centers": "\(changes.gone.joined(separator: " "))", "sessions": "\(changes.taken.tokens.count)",
              "open-rounds": "\(changes.taken.open.count)",
            ])
          adopt(changes.taken)
        }
      } catch is JournalUnreachable {
        // The next renewal asks again.
      } catch {
        if !Task.isCancelled { journalFailed(error) }
        return
      }
    }
  }

  /// Goes on with sessions of another center.
  private func adopt(_ recovery: JournalRecovery) {
    let (closed, hasAborted) = state.withLock { state in
      for (session, token) in recovery.tokens { state.tokens[session] = token }
      let (closed, aborted) = state.table.resumed(
        recovery, modelVersion: state.model.version, resumes: resumesOpenRounds, at: time.now)
      state.batcher.closed(closed)
      backlog.entered(closed.count)
      state.group.records.abortions += aborted
      state.groupGotTokens(of: aborted.map(\.session))
      return (closed.count, !aborted.isEmpty)
    }
    if closed > 0 { roundWaits.raise() }
    if hasAborted { groupWaits.raise() }
    deadlineMoved.raise()
    roundsMoved.raise()
  }

  /// Other centers have sessions by now: nothing of them is stored or decided here any more, and whoever waits is told.
  ///
  /// - Parameter tokens: Those under which they were this center's; nil: as they are now. Of a session that has been won back
  ///   since, nothing is dropped.
  func lost(_ holders: [String: SessionHolder], tokens: [String: Int64]? = nil) {
    let (names, outboxes, feeds, count) = state.withLock { state in
      let names = Set(
        holders.keys.filter { name in
          state.tokens[name].map { tokens == nil || tokens?[name] == $0 } ?? false
        })
      guard !names.isEmpty else { return (names, [ReceiptOutbox](), [VerdictFeed](), 0) }
      for name in names {
        state.tokens[name] = nil
        state.traces[name] = nil
        state.table.dropped(name)
      }
      if state.isDeciding { state.discarded.formUnion(names) }
      let removed = state.group.remove(sessions: names)
      return (
        names, removed.outboxes, state.feeds.values.filter { $0.session.map(names.contains) ?? false },
        removed.count + state.batcher.dropped(sessions: names)
      )
    }
    backlog.left(count)
    guard let first = names.min(), let holder = holders[first] else { return }
    logger.warning(
      "another fusion center has taken sessions over, which are dropped here",
      metadata: [
        "sessions": "\(names.count)", "first": "\(first)",
        "centers": "\(Set(names.compactMap { holders[$0]?.address }).sorted().joined(separator: " "))",
      ])
    for outbox in outboxes { outbox.close(elsewhere(first, holder)) }
    for feed in feeds {
      if let name = feed.session, let holder = holders[name] { feed.close(elsewhere(name, holder)) }
    }
    roundsMoved.raise()
    roundWaits.raise()
    drained.raise()
  }

  private func elsewhere(_ session: String, _ holder: SessionHolder) -> RPCError {
    var message =
      "a session is one fusion center's: its agents and clients come there (session: \"\(session)\", its center: "
      + "\(holder.address), this one: \(shared?.address ?? ""))"
    if holder.isLate {
      message +=
        ", which has not renewed its lease for \(holder.unheard.inTenths); after \(holder.lease.inTenths) the session may "
        + "be taken over"
    }
    return RPCError(
      code: holder.isLate ? .unavailable : .failedPrecondition, message: message,
      // To one that is perhaps gone nobody is sent.
      metadata: holder.isLate ? [:] : ["copur-center": "\(holder.address)"])
  }
}

extension Duration {
  /// The seconds, to a tenth.
  fileprivate var inTenths: String { "\((self / .milliseconds(100)).rounded() / 10) s" }
}
