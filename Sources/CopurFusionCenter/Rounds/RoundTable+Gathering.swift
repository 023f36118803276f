package import CopurCore

extension RoundTable {
  /// A session that waits for its agents, or does not any more.
  package struct Gathering: Hashable, Sendable {
    /// The session's name.
    package let session: String
    /// The agents that are not there.
    package let missing: [AgentID]
    /// Since when it waits for the next one.
    package let since: Duration
    /// The time at which it opens without those that are not there; nil: it is open.
    package let until: Duration?
  }

  /// The sessions that wait for their agents.
  package var gatheringSessions: [Gathering] {
    gathering.sorted().map { session in
      Gathering(
        session: sessions[session].name, missing: missing(of: session), since: sessions[session].lastArrival,
        until: sessions[session].lastArrival + rules.sessionWait)
    }
  }

  /// The sessions that began to wait for agents, and those that opened, since this was last asked.
  package mutating func takeGatherings() -> [Gathering] {
    guard !gatherings.isEmpty else { return [] }
    defer { gatherings = [] }
    return gatherings
  }

  /// An agent opened a stream.
  ///
  /// - Returns: Rounds that are over, as a session has waited for this agent alone.
  package mutating func connected(_ agent: Int, at now: Duration) -> [ClosedRound] {
    presence.connected(agent)
    catchingUp.connected(agent, at: now)
    var closed: [ClosedRound] = []
    // Sorted, so that the same events give the same order; most sessions wait for others still.
    let ready = gathering.filter { arrived(agent, session: $0, at: now) }.sorted()
    for session in ready { open(session, at: now, &closed) }
    return closed
  }

  /// A stream of an agent ended.
  package mutating func disconnected(_ agent: Int, at now: Duration) {
    presence.disconnected(agent, at: now)
    for session in gathering where !isThere(agent, in: session) && !sessions[session].unexpected.contains(agent) {
      sessions[session].awaited.insert(agent)
    }
  }

  /// The operator does not want a session to wait for its agents any longer.
  ///
  /// - Returns: Rounds that are over; nil: no session of that name waits.
  package mutating func opened(_ name: String, at now: Duration) -> [ClosedRound]? {
    guard let session = sessionIndices[name], gathering.contains(session) else { return nil }
    var closed: [ClosedRound] = []
    open(session, at: now, &closed)
    return closed
  }

  /// An agent spoke in a session that is not open, or not wanted.
  mutating func heard(_ agent: Int, session: Int, at now: Duration, _ closed: inout [ClosedRound]) {
    guard sessions[session].heard.insert(agent).inserted else { return }
    if sessions[session].heard.count >= rules.speakers { wanted(session, at: now, &closed) }
    if gathering.contains(session), arrived(agent, session: session, at: now) { open(session, at: now, &closed) }
  }

  /// More agents than may lie have spoken in a session, or a client asked for samples of it.
  mutating func wanted(_ session: Int, at now: Duration, _ closed: inout [ClosedRound]) {
    if !sessions[session].isWanted {
      sessions[session].isWanted = true
      if let maker = sessions[session].maker { unwanted[maker] -= 1 }
    }
    guard !sessions[session].isOpen else {
      sessions[session].heard = []
      return
    }
    guard gathering.insert(session).inserted else { return }
    sessions[session].lastArrival = now
    sessions[session].seen = Set(roster.agents.indices.filter { isThere($0, in: session) })
    sessions[session].awaited = Set(roster.agents.indices).subtracting(sessions[session].seen)
      .subtracting(sessions[session].unexpected)
    guard !sessions[session].awaited.isEmpty else { return open(session, at: now, &closed) }
    let opening = now + rules.sessionWait
    earliestOpening = min(earliestOpening ?? opening, opening)
    gatherings.append(
      Gathering(session: sessions[session].name, missing: missing(of: session), since: now, until: opening))
  }

  private func isThere(_ agent: Int, in session: Int) -> Bool {
    presence.hasStream(agent) || sessions[session].heard.contains(agent)
  }

  private func missing(of session: Int) -> [AgentID] {
    sessions[session].awaited.sorted().map { roster.agents[$0] }
  }

  /// An agent is there for a session that waits.
  ///
  /// - Returns: Whether the session waits for nobody else.
  private mutating func arrived(_ agent: Int, session: Int, at now: Duration) -> Bool {
    if sessions[session].seen.insert(agent).inserted { sessions[session].lastArrival = now }
    sessions[session].awaited.remove(agent)
    return sessions[session].awaited.isEmpty
  }

  /// Opens the sessions that have waited for long enough.
  mutating func openOverdue(at now: Duration, _ closed: inout [ClosedRound]) {
    guard let earliest = earliestOpening, earliest <= now else { return }
    earliestOpening = nil
    for session in gathering.sorted() {
      let opening = sessions[session].lastArrival + rules.sessionWait
      if opening <= now {
        open(session, at: now, &closed)
      } else {
        earliestOpening = min(earliestOpening ?? opening, opening)
      }
    }
  }

  /// The clocks of a session run from now on.
  mutating func open(_ session: Int, at now: Duration, _ closed: inout [ClosedRound]) {
    gatherings.append(
      Gathering(
        session: sessions[session].name, missing: missing(of: session), since: sessions[session].lastArrival,
        until: nil))
    gathering.remove(session)
    sessions[session].isOpen = true
    (sessions[session].heard, sessions[session].seen) = ([], [])
    (sessions[session].awaited, sessions[session].unexpected) = ([], [])
    sessions[session].lastActivity = now
    if !sessions[session].requested.isEmpty {
      earliestIdleTimeout = min(earliestIdleTimeout ?? .seconds(Int64.max), now + rules.idleTimeout)
    }
    // Sorted, so that the same events give the same order.
    for round in open.rounds(where: { $0.session == session && $0.speakers >= rules.speakers && $0.started == nil }) {
      let place = open.place(of: round.sample, session: session)!
      start(round.sample, at: place, session: session, at: now)
      if isOver(at: place) { closed.append(close(round.sample, session: session, at: place)) }
    }
  }
}
