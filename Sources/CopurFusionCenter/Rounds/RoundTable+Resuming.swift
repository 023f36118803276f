internal import CopurCore
internal import CopurNumerics

extension RoundTable {
  /// The service began, and an earlier run left rounds; or it took over sessions of another one, which are none of those that
  /// it has. Sessions go on, open rounds are opened again with a new deadline or given up.
  ///
  /// A round cannot go on if its blocks are of another model, or its session's defence is none of today's.
  ///
  /// - Parameters:
  ///   - modelVersion: The version of the model that decides.
  ///   - resumes: Whether open rounds go on where they can.
  /// - Returns: Rounds that have all their blocks, to be decided, and those that are given up.
  package mutating func resumed(
    _ recovery: JournalRecovery, modelVersion: String, resumes: Bool, at now: Duration
  ) -> (closed: [ClosedRound], aborted: [JournalGroup.Abortion]) {
    for earlier in recovery.sessions {
      precondition(sessionIndices[earlier.name] == nil)
      sessionIndices[earlier.name] = sessions.count
      let defense = defenses.firstIndex(of: earlier.defense)
      var session = RoundSession(
        name: earlier.name, defense: defense ?? 0, isOpen: rules.sessionWait == .zero, isWanted: true, lastActivity: now
      )
      if defense == nil { session.unknownDefense = earlier.defense }
      session.closed = earlier.closed
      session.isUncounted = true
      sessions.append(session)
    }
    resumedCount += recovery.sessions.count
    for round in recovery.decided { remember(round) }
    var closed: [ClosedRound] = []
    for session in Set(recovery.open.map { sessionIndices[$0.session]! }).sorted()
    where sessions[session].unknownDefense == nil { wanted(session, at: now, &closed) }

    var aborted: [Int: (session: Int, reason: String, samples: [UInt64])] = [:]
    for round in recovery.open {
      let session = sessionIndices[round.session]!
      guard let reason = obstacle(to: round, session: session, modelVersion: modelVersion, resumes: resumes) else {
        if let round = resume(round, session: session, at: now) { closed.append(round) }
        continue
      }
      sessions[session].closed.insert(round.sample)
      aborted[session, default: (session, reason, [])].samples.append(round.sample)
    }
    return (
      closed,
      aborted.sorted { $0.key < $1.key }.map { _, rounds in
        JournalGroup.Abortion(
          session: sessions[rounds.session].name,
          defense: sessions[rounds.session].unknownDefense ?? defenses[sessions[rounds.session].defense],
          samples: rounds.samples, reason: rounds.reason)
      }
    )
  }

  /// A session is another service's from now on: its rounds are not decided here, and nothing is kept of it.
  package mutating func dropped(_ name: String) {
    guard let session = sessionIndices.removeValue(forKey: name) else { return }
    lastSession = nil
    for round in open.rounds(where: { $0.session == session }) {
      open.remove(at: open.place(of: round.sample, session: session)!)
      openCount -= 1
      if round.started == nil { unheard[round.opener] -= 1 } else { runningCount -= 1 }
    }
    requestedCount -= sessions[session].requested.count
    waiting.remove(session)
    gathering.remove(session)
    overdue.removeAll { $0.session == name }
    if !sessions[session].isWanted, let maker = sessions[session].maker { unwanted[maker] -= 1 }
    if !sessions[session].isUncounted { resumedCount += 1 }
    // Its position stays taken, as remembered rounds refer to it until they are forgotten.
    let rememberedCount = sessions[session].rememberedCount
    sessions[session] = RoundSession(
      name: name, defense: sessions[session].defense, isOpen: true, isWanted: true, lastActivity: .zero)
    sessions[session].rememberedCount = rememberedCount
    sessions[session].isUncounted = true
    progress += 1
  }

  private mutating func remember(_ round: JournalRecovery.Decided) {
    let verdict = round.verdict
    // Of another model's agents nothing can be said any more.
    guard
      verdict.contributed == roster.agents && verdict.missing.isEmpty
        || Set(verdict.contributed + verdict.missing) == Set(roster.agents)
    else { return }
    let session = sessionIndices[verdict.session]!
    remember(verdict.sample, session: session, hashes: roster.agents.map { round.hashes[$0] })
    remembered.decided(verdict, session: session)
    if !sessions[session].isOpen {
      sessions[session].unexpected = Set(verdict.missing.compactMap { roster.index(of: $0) })
    }
  }

  /// Why a round cannot go on; nil: it can.
  private func obstacle(
    to round: JournalRecovery.Open, session: Int, modelVersion: String, resumes: Bool
  ) -> String? {
    guard resumes else { return "the fusion center was told to give up open rounds" }
    if let defense = sessions[session].unknownDefense {
      return "the fusion center has no defence \"\(defense)\" any more"
    }
    for block in round.blocks {
      guard block.modelVersion == modelVersion else {
        return "its blocks are of another model (of the blocks: \"\(block.modelVersion)\", now: \"\(modelVersion)\")"
      }
      guard let agent = roster.index(of: block.agent), roster.layout.widths[agent] == block.values.count else {
        return "a block of agent \(block.agent) is none of the model's"
      }
    }
    return nil
  }

  private mutating func resume(_ round: JournalRecovery.Open, session: Int, at now: Duration) -> ClosedRound? {
    let place = open(round.sample, session: session, by: roster.index(of: round.blocks[0].agent)!, at: now)
    for block in round.blocks {
      let agent = roster.index(of: block.agent)!
      block.values.withUnsafeBufferPointer { values in
        _ = open.contributed(values, BlockHash.of(block.values[...]), by: agent, at: place)
      }
    }
    if sessions[session].isOpen, open[place].speakers >= rules.speakers {
      start(round.sample, at: place, session: session, at: now)
    }
    return isOver(at: place) ? close(round.sample, session: session, at: place) : nil
  }
}
