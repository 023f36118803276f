internal import CopurCore
internal import CopurWire
internal import DequeModule

extension RoundTable {
  /// The position of a session, which is made if it is new.
  mutating func session(named name: String, defense: Int?, at now: Duration) throws(RoundRefusal) -> Int {
    if let known = sessionIndices[name] { return known }
    guard !isDraining else { throw .draining }
    guard sessions.count - resumedCount < limits.sessions else { throw .tooManySessions(limit: limits.sessions) }
    sessionIndices[name] = sessions.count
    sessions.append(RoundSession(name: name, defense: defense ?? 0, lastActivity: now))
    return sessions.count - 1
  }

  func refusalOfNewRound(session: Int) -> RoundRefusal? {
    if isDraining { return .draining }
    if openCount >= limits.openRounds { return .tooManyOpenRounds(limit: limits.openRounds) }
    if sessions[session].closed.rangeCount > limits.gapsPerSession {
      return .tooManyGaps(session: sessions[session].name, limit: limits.gapsPerSession)
    }
    return nil
  }

  /// Opens a round at its first block or silence: its clock starts now.
  mutating func open(_ sample: UInt64, session: Int, at now: Duration) {
    forgetRequest(of: sample, session: session)
    sessions[session].open[sample] = Round(layout: roster.layout, deadline: now + deadline)
    deadlines.append((now + deadline, session, sample))
    openCount += 1
  }

  /// The receipt of a block whose round is closed: its status and reason.
  func outcomeOfLateBlock(
    _ block: ArraySlice<Float>, of sample: UInt64, session: Int, by agent: Int
  ) -> (Receipt.Status, String) {
    guard let closed = remembered.round(.init(session: session, sample: sample)) else {
      return (.late, "the round of sample \(sample) is closed, and no more is known of it")
    }
    guard let first = closed.hash(of: agent) else {
      return (.late, "the round of sample \(sample) closed without agent \(roster.agents[agent])")
    }
    return first == BlockHash.of(block) ? (.duplicate, "") : (.conflict, conflictReason(agent, sample))
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
