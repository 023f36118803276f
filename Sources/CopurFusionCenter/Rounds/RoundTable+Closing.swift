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
      next.deadline <= now || !open.isOpen(next.sample, session: next.session, at: next.place)
    {
      _ = deadlines.popFirst()
      // Closed since, because every agent had spoken; a round is opened once only, so this is that one.
      guard open.isOpen(next.sample, session: next.session, at: next.place) else { continue }
      if let later = wait(of: next.place, at: now) {
        // Later than it must by a deadline at most, so that they stay in their order.
        deadlines.append((max(later, deadlines.last?.deadline ?? later), next.session, next.sample, next.place))
      } else {
        closed.append(close(next.sample, session: next.session, at: next.place))
      }
    }
    if presence.advanced(to: now) { closeWithoutAbsent(&closed) }
    openOverdue(at: now, &closed)
    if let idle = earliestIdleTimeout, idle <= now { closed += closeIdle(at: now) }
    return closed
  }

  /// Whether everybody has spoken in the round at a place, or everybody who is there and enough for a decision.
  func isOver(at place: Int) -> Bool {
    let round = open[place]
    if round.missing == 0 { return true }
    // Mostly the number says it.
    guard round.started != nil, round.missing <= presence.absentCount, round.contributors >= rules.quorum else {
      return false
    }
    return roster.agents.indices.allSatisfy { presence.isAbsent($0) || open.hasSpoken($0, at: place) }
  }

  /// Agents are gone: rounds in which all others have spoken are over.
  private mutating func closeWithoutAbsent(_ closed: inout [ClosedRound]) {
    for (_, session, sample, place) in deadlines {
      guard open.isOpen(sample, session: session, at: place), isOver(at: place) else { continue }
      closed.append(close(sample, session: session, at: place))
    }
  }

  /// Until when the round at a place, which is due, waits for agents that are catching up; nil: it does not.
  private mutating func wait(of place: Int, at now: Duration) -> Duration? {
    let round = open[place]
    guard rules.catchUp > .zero, !isDraining, let started = round.started else { return nil }
    let end = started + rules.deadline + rules.catchUp
    guard end > now else { return nil }
    var until: Duration?
    for agent in roster.agents.indices where !open.hasSpoken(agent, at: place) && presence.hasStream(agent) {
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
    let old = open.rounds {
      $0.started == nil && $0.opener == agent && $0.opened + limits.unheardRounds <= now
    }
    return old.map { close($0.sample, session: $0.session) }
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
  ///
  /// - Parameter place: Where it is, if that is known.
  mutating func close(_ sample: UInt64, session: Int, at place: Int? = nil) -> ClosedRound {
    sessions[session].closed.insert(sample)
    if sessions[session].closed.rangeCount > limits.gapsPerSession { fillGaps(of: session) }
    let name = sessions[session].name
    guard let place = place ?? open.place(of: sample, session: session) else {
      forgetRequest(of: sample, session: session)
      remember(sample, session: session, hashes: [UInt64?](repeating: nil, count: roster.count))
      return ClosedRound(
        session: name, sample: sample, defense: sessions[session].defense, embedding: [],
        observed: [Bool](repeating: false, count: roster.count))
    }
    let started = open[place].started
    openCount -= 1
    progress += 1
    if started == nil {
      unheard[open[place].opener] -= 1
      forgetRequest(of: sample, session: session)
    } else {
      runningCount -= 1
    }
    let (embedding, observed) = open.content(at: place)
    let forgotten = open.withHashes(at: place) {
      remembered.remember(.init(session: session, sample: sample), hashes: $0, words: $1)
    }
    sessions[session].rememberedCount += 1
    forgot(forgotten)
    open.remove(at: place)
    return ClosedRound(
      session: name, sample: sample, defense: sessions[session].defense, embedding: embedding, observed: observed,
      opened: started)
  }

  /// Has the closed samples of a session take less room.
  ///
  /// The narrowest gaps are those of samples that nobody spoke of for long; what is to come is a wide one.
  private mutating func fillGaps(of session: Int) {
    let kept = open.rounds { $0.session == session }.map(\.sample) + Array(sessions[session].requested)
    sessions[session].closed.fillNarrowestGaps(leaving: max(1, limits.gapsPerSession / 4 * 3), except: kept)
  }

  /// Remembers a closed round, and forgets the oldest one if there are too many.
  mutating func remember(_ sample: UInt64, session: Int, hashes: [UInt64?]) {
    sessions[session].rememberedCount += 1
    forgot(remembered.remember(.init(session: session, sample: sample), hashes: hashes))
  }

  private mutating func forgot(_ oldest: RememberedRounds.Key?) {
    guard let oldest else { return }
    sessions[oldest.session].rememberedCount -= 1
    guard sessions[oldest.session].rememberedCount == 0 else { return }
    // A collection keeps the storage that it once needed, and sessions are kept for ever.
    if sessions[oldest.session].requested.isEmpty { sessions[oldest.session].requested = [] }
  }

  mutating func forgetRequest(of sample: UInt64, session: Int) {
    guard !sessions[session].requested.isEmpty, sessions[session].requested.remove(sample) != nil else { return }
    requestedCount -= 1
    if sessions[session].requested.isEmpty { waiting.remove(session) }
  }
}
