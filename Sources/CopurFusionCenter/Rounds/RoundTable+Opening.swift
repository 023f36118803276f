internal import CopurCore
internal import CopurWire
internal import DequeModule

extension RoundTable {
  /// The position of a session, which is made if it is new.
  ///
  /// - Parameter agent: The agent that names it; nil: a client.
  mutating func session(
    named name: String, defense: Int?, by agent: Int?, at now: Duration
  ) throws(RoundRefusal) -> Int {
    if let known = index(ofSession: name) { return known }
    if let refusal = refusalOfNewSession(by: agent) { throw refusal }
    var session = RoundSession(
      name: name, defense: defense ?? 0, isOpen: rules.sessionWait == .zero, maker: agent, lastActivity: now)
    if let agent { unwanted[agent] += 1 } else { session.isWanted = true }
    sessionIndices[name] = sessions.count
    sessions.append(session)
    return sessions.count - 1
  }

  /// Why no session is made any more; nil: one is.
  ///
  /// - Parameter agent: The agent that names it; nil: a client.
  package func refusalOfNewSession(by agent: Int?) -> RoundRefusal? {
    if isDraining { return .draining }
    guard sessions.count - resumedCount - unwanted.reduce(0, +) < limits.sessions else {
      return .tooManySessions(limit: limits.sessions)
    }
    guard let agent, unwanted[agent] >= share(of: limits.sessions) else { return nil }
    return .tooManyOwnSessions(limit: share(of: limits.sessions))
  }

  /// The part of a limit that an agent may use up alone.
  private func share(of limit: Int) -> Int { max(1, limit / roster.count) }

  func refusalOfNewRound(session: Int, by agent: Int) -> RoundRefusal? {
    if isDraining { return .draining }
    if openCount >= limits.openRounds { return .tooManyOpenRounds(limit: limits.openRounds) }
    if unheard[agent] >= share(of: limits.openRounds) { return .tooFarAhead(limit: share(of: limits.openRounds)) }
    return nil
  }

  /// Opens a round at its first block or silence; its clock does not run yet.
  ///
  /// - Returns: Its place.
  mutating func open(_ sample: UInt64, session: Int, by agent: Int, at now: Duration) -> Int {
    let round = Round(
      sample, session: session, agents: roster.count, number: nextNumber, opener: agent, at: now)
    nextNumber += 1
    unheard[agent] += 1
    openCount += 1
    return open.open(round)
  }

  /// Starts the clock of an open round.
  mutating func start(_ sample: UInt64, at place: Int, session: Int, at now: Duration) {
    open[place].started = now
    unheard[open[place].opener] -= 1
    runningCount += 1
    progress += 1
    sessions[session].lastActivity = now
    forgetRequest(of: sample, session: session)
    // A deadline that became shorter does not overtake those before it, which are in their order.
    let deadline = now + (estimate?.deadline ?? rules.deadline)
    deadlines.append((max(deadline, deadlines.last?.deadline ?? deadline), session, sample, place))
  }

  /// The receipt of a block whose round is closed: its status and reason.
  ///
  /// - Parameter hash: The block's fingerprint.
  func outcomeOfLateBlock(
    _ hash: UInt64, of sample: UInt64, session: Int, by agent: Int
  ) -> (Receipt.Status, String) {
    guard let closed = remembered.round(.init(session: session, sample: sample)) else {
      return (.late, "the round of sample \(sample) is closed, and no more is known of it")
    }
    guard let first = closed.hash(of: agent) else {
      return (.late, "the round of sample \(sample) closed without agent \(roster.agents[agent])")
    }
    return first == hash ? (.duplicate, "") : (.conflict, conflictReason(agent, sample))
  }

  /// The receipt of a silence whose round is closed: its status and reason.
  func outcomeOfLateSilence(of sample: UInt64, session: Int, by agent: Int) -> (Receipt.Status, String) {
    guard let closed = remembered.round(.init(session: session, sample: sample)) else {
      return (.late, "the round of sample \(sample) is closed, and no more is known of it")
    }
    // It closed without the agent, which is all that the agent had to say.
    return closed.hash(of: agent) == nil ? (.duplicate, "") : (.conflict, conflictReason(agent, sample))
  }

  func conflictReason(_ agent: Int, _ sample: UInt64) -> String {
    "agent \(roster.agents[agent]): the first block of a sample stands (sample \(sample), other content than before)"
  }
}
