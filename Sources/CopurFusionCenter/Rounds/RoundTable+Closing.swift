internal import CopurCore
internal import DequeModule

extension RoundTable {
  /// The time at which ``advanced(to:)`` is next worth calling; nil: not before another event.
  package var nextDeadline: Duration? {
    if !overdue.isEmpty { return .zero }
    var next = deadlines.first?.deadline
    for time in [earliestIdleTimeout, earliestOpening] {
      if let time { next = min(next ?? time, time) }
    }
    // Who is absent matters to rounds that wait for it.
    if runningCount > 0, let time = presence.nextAbsence { next = min(next ?? time, time) }
    return next
  }

  /// Time went on: closes the rounds whose deadline has come, those that wait for agents that are gone, and those that
  /// nobody spoke in for too long; opens sessions that have waited long enough for their agents.
  ///
  /// - Returns: The rounds, in the order of their deadlines.
  package mutating func advanced(to now: Duration) -> [ClosedRound] {
    var closed: [ClosedRound] = []
    if !overdue.isEmpty {
      closed = overdue
      overdue = []
    }
    while let next = deadlines.first,
      next.deadline <= now || !sessions[next.session].open.isOpen(next.sample, at: next.place)
    {
      _ = deadlines.popFirst()
      // Closed since, because every agent had spoken; a round is opened once only, so this is that one.
      guard sessions[next.session].open.isOpen(next.sample, at: next.place) else { continue }
      if let later = wait(for: next.sample, session: next.session, at: now) {
        // Later than it must by a deadline at most, so that they stay in their order.
        deadlines.append((max(later, deadlines.last?.deadline ?? later), next.session, next.sample, next.place))
      } else {
        closed.append(close(next.sample, session: next.session))
      }
    }
    if presence.advanced(to: now) { closeWithoutAbsent(&closed) }
    openOverdue(at: now, &closed)
    if let idle = earliestIdleTimeout, idle <= now { closed += closeIdle(at: now) }
    return closed
  }

  /// Whether everybody has spoken in a round, or everybody who is there and enough for a decision.
  func isOver(_ round: Round) -> Bool {
    if round.missing == 0 { return true }
    guard round.started != nil, round.missing <= presence.absentCount, round.contributors >= rules.quorum else {
      return false
    }
    return roster.agents.indices.allSatisfy { presence.isAbsent($0) || round.hasSpoken($0) }
  }

  /// The same of the round at a place.
  func isOver(at place: Int, session: Int) -> Bool {
    let missing = sessions[session].open.standing(at: place).missing
    // Mostly the number says it.
    return missing == 0 || missing <= presence.absentCount && isOver(sessions[session].open[place])
  }

  /// Agents are gone: rounds in which all others have spoken are over.
  private mutating func closeWithoutAbsent(_ closed: inout [ClosedRound]) {
    for (_, session, sample, place) in deadlines {
      guard sessions[session].open.isOpen(sample, at: place), isOver(at: place, session: session) else { continue }
      closed.append(close(sample, session: session))
    }
  }

  /// Until when a round that is due waits for agents that are catching up; nil: it does not.
  private mutating func wait(for sample: UInt64, session: Int, at now: Duration) -> Duration? {
    guard rules.catchUp > .zero, !isDraining, let round = sessions[session].open[sample: sample],
      let started = round.started
    else { return nil }
    let end = started + rules.deadline + rules.catchUp
    guard end > now else { return nil }
    var until: Duration?
    for agent in roster.agents.indices where !round.hasSpoken(agent) && presence.hasStream(agent) {
      guard
        let wait = catchingUp.wait(
          for: agent, round: round.number, deadline: rules.deadline, end: end, at: now)
      else { continue }
      until = max(until ?? wait, wait)
    }
    return until
  }

  /// The rounds of an agent that has no room for new ones, in which nobody else has spoken for so long that they give way.
  ///
  /// They are closed, so that none of them is decided twice.
  mutating func givenWay(by agent: Int, at now: Duration) -> [ClosedRound] {
    guard nextGivingWay[agent] <= now else { return [] }
    nextGivingWay[agent] = now + .seconds(10)
    var closed: [ClosedRound] = []
    for session in sessions.indices {
      let old = sessions[session].open.samples {
        $0.started == nil && $0.opener == agent && $0.opened + limits.unheardRounds <= now
      }
      for sample in old { closed.append(close(sample, session: session)) }
    }
    return closed
  }

  private mutating func closeIdle(at now: Duration) -> [ClosedRound] {
    var closed: [ClosedRound] = []
    var earliest: Duration?
    // Sorted, so that the same events give the same order.
    for session in waiting.sorted() where sessions[session].isOpen {
      let timeout = sessions[session].lastActivity + rules.idleTimeout
      if timeout <= now {
        for sample in sessions[session].requested.sorted() { closed.append(close(sample, session: session)) }
      } else {
        earliest = min(earliest ?? timeout, timeout)
      }
    }
    earliestIdleTimeout = earliest
    return closed
  }

  /// Closes a round that is open or was asked for.
  mutating func close(_ sample: UInt64, session: Int) -> ClosedRound {
    let hashes: [UInt64?]
    let embedding: [Float]
    let opened: Duration?
    if let round = sessions[session].open.remove(sample) {
      openCount -= 1
      progress += 1
      if round.started == nil { unheard[round.opener] -= 1 } else { runningCount -= 1 }
      (hashes, embedding, opened) = (round.hashes, round.embedding, round.started)
      if round.started == nil { forgetRequest(of: sample, session: session) }
    } else {
      forgetRequest(of: sample, session: session)
      (hashes, embedding, opened) = ([UInt64?](repeating: nil, count: roster.count), [], nil)
    }
    sessions[session].closed.insert(sample)
    if sessions[session].closed.rangeCount > limits.gapsPerSession { fillGaps(of: session) }
    remember(sample, session: session, hashes: hashes)
    return ClosedRound(
      session: sessions[session].name, sample: sample, defense: sessions[session].defense, embedding: embedding,
      observed: hashes.map { $0 != nil }, opened: opened)
  }

  /// Has the closed samples of a session take less room.
  ///
  /// The narrowest gaps are those of samples that nobody spoke of for long; what is to come is a wide one.
  private mutating func fillGaps(of session: Int) {
    let (open, requested) = (Array(sessions[session].open.samples), sessions[session].requested)
    sessions[session].closed.fillNarrowestGaps(
      leaving: max(1, limits.gapsPerSession / 4 * 3), except: open + Array(requested))
  }

  /// Remembers a closed round, and forgets the oldest one if there are too many.
  mutating func remember(_ sample: UInt64, session: Int, hashes: [UInt64?]) {
    sessions[session].rememberedCount += 1
    guard let oldest = remembered.remember(.init(session: session, sample: sample), hashes: hashes) else { return }
    sessions[oldest.session].rememberedCount -= 1
    guard sessions[oldest.session].rememberedCount == 0 else { return }
    // A collection keeps the storage that it once needed, and sessions are kept for ever.
    if sessions[oldest.session].open.isEmpty { sessions[oldest.session].open = OpenRounds() }
    if sessions[oldest.session].requested.isEmpty { sessions[oldest.session].requested = [] }
  }

  mutating func forgetRequest(of sample: UInt64, session: Int) {
    guard !sessions[session].requested.isEmpty, sessions[session].requested.remove(sample) != nil else { return }
    requestedCount -= 1
    if sessions[session].requested.isEmpty { waiting.remove(session) }
  }
}
