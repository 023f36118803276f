package import CopurCore
internal import CopurNumerics
package import CopurWire
internal import DequeModule

/// Every round of a fusion center: what happened goes in, what is to be done comes out.
///
/// It is a value without a clock, a socket or a lock; times are durations on one monotonic clock and never go back. The
/// rules of deadlines and receipts are those that fusion.proto documents.
package struct RoundTable {
  /// The consequences of an event, in this order.
  package struct Actions {
    /// Blocks to journal.
    package var accepted: [AcceptedBlock] = []
    /// Receipts, to be sent once the blocks are durable.
    package var receipts: [Receipt] = []
    /// Rounds that are closed, to be decided once their blocks are durable.
    package var closed: [ClosedRound] = []
    /// Why the remaining blocks were not taken; they have no receipt.
    package var refusal: RoundRefusal?
    /// The number of the batch's samples, and of its silent ones after them, that were taken.
    package var taken = 0
  }

  /// The answer to a client that asked for samples: the session's defence, the verdicts that exist already, and the samples
  /// whose verdicts will come.
  package typealias Requested = (defense: Int, decided: [Verdict], pending: [UInt64])

  /// A block that became part of its round.
  package struct AcceptedBlock: Hashable, Sendable {
    /// Its position in the batch.
    package let position: Int
    /// Its fingerprint.
    package let hash: UInt64
  }

  let roster: AgentRoster
  /// The names of the defences.
  let defenses: [String]
  let rules: RoundRules
  let limits: RoundLimits

  var sessions: [RoundSession] = []
  var sessionIndices: [String: Int] = [:]
  /// The session that blocks came for last: mostly the next ones are for it, too.
  var lastSession: Int?
  /// The number of sessions that do not count towards the limit: those of earlier runs, and those that were dropped.
  var resumedCount = 0
  /// Rounds in which an agent spoke.
  var open: OpenRounds
  /// Rounds whose clock runs in the order of their deadlines; some have closed since.
  var deadlines = Deque<(deadline: Duration, session: Int, sample: UInt64, place: Int)>()
  /// The latest closed rounds.
  var remembered: RememberedRounds
  /// Sessions with rounds that were asked for and whose clock does not run.
  var waiting: Set<Int> = []
  /// Sessions that are wanted and wait for their agents.
  var gathering: Set<Int> = []
  /// No gathering session's wait ends before this.
  var earliestOpening: Duration?
  /// The sessions that began or ceased to wait for agents since this was last taken.
  var gatherings: [Gathering] = []
  /// Rounds that were over when a client wanted their session; told at the next step.
  var overdue: [ClosedRound] = []
  /// The agents that are there.
  var presence: AgentPresence
  /// The agents that are behind and deliver.
  var catchingUp: CatchingUp
  /// The deadline that follows the agents' delays; nil: it does not.
  var estimate: DeadlineEstimate?
  /// The number of rounds whose clock does not run that each agent has opened.
  var unheard: [Int]
  /// The number of sessions that are not wanted that each agent has made.
  var unwanted: [Int]
  /// No round of an agent that has no room may give way before this.
  var nextGivingWay: [Duration]
  /// No waiting session's idle timeout is before this.
  var earliestIdleTimeout: Duration?
  /// The number of the next round, in the order of opening.
  var nextNumber: UInt64 = 1
  /// The number of open rounds that an agent has spoken in.
  package internal(set) var openCount = 0
  /// The number of them with a clock that runs.
  package internal(set) var runningCount = 0
  /// Grows with every round that starts or closes: for those who wait for room.
  package internal(set) var progress: UInt64 = 0
  /// The number of rounds that were asked for and have no running clock.
  package internal(set) var requestedCount = 0
  package private(set) var isDraining = false

  /// - Parameters:
  ///   - defenses: The defences' names; at least one. The first is that of a session that is opened by a block.
  package init(roster: AgentRoster, defenses: [String], rules: RoundRules, limits: RoundLimits) {
    self.roster = roster
    self.defenses = defenses
    self.rules = rules
    self.limits = limits.limited(to: roster.count)
    open = OpenRounds(layout: roster.layout)
    remembered = RememberedRounds(agents: roster.agents, capacity: self.limits.rememberedRounds)
    presence = AgentPresence(agents: roster.count, grace: rules.reconnectGrace)
    catchingUp = CatchingUp(agents: roster.count, limit: rules.catchUp)
    estimate = rules.shortestDeadline.map {
      DeadlineEstimate(agents: roster.count, bounds: min($0, rules.deadline)...rules.deadline)
    }
    unheard = [Int](repeating: 0, count: roster.count)
    unwanted = [Int](repeating: 0, count: roster.count)
    nextGivingWay = [Duration](repeating: .zero, count: roster.count)
  }

  /// The name of a session's defence; the session has a round.
  package func defense(ofSession name: String) -> String { defenses[sessions[index(ofSession: name)!].defense] }

  /// The position of a session; nil: there is none of that name.
  func index(ofSession name: String) -> Int? {
    if let lastSession, sessions[lastSession].name == name { return lastSession }
    return sessionIndices[name]
  }

  /// An agent's blocks, and its word of samples of which it has none, came.
  ///
  /// - Parameters:
  ///   - batch: The blocks; checked.
  ///   - hashes: The fingerprint of each, ``BlockHash``; nil: they are worked out here.
  ///   - start: How many of the batch's samples, and of its silent ones after them, were taken before.
  ///   - agent: The agent's position in the roster.
  package mutating func contributed(
    _ batch: BlockBatch, hashes: [UInt64]? = nil, from start: Int = 0, by agent: Int, at now: Duration
  ) -> Actions {
    var actions = Actions()
    actions.taken = start
    actions.closed = advanced(to: now)
    let session: Int
    do { session = try self.session(named: batch.session, defense: nil, by: agent, at: now) } catch {
      actions.refusal = error
      return actions
    }
    lastSession = session
    if let defense = sessions[session].unknownDefense {
      let reason = RoundRefusal.unknownDefense(session: batch.session, defense: defense).description
      actions.receipts = [
        Receipt(session: batch.session, samples: batch.samples + batch.silent, status: .late, reason: reason)
      ]
      actions.taken = batch.samples.count + batch.silent.count
      return actions
    }
    if !sessions[session].isOpen || !sessions[session].isWanted {
      heard(agent, session: session, at: now, &actions.closed)
    }

    var outcomes = ReceiptRuns(session: batch.session)
    let hashes = hashes ?? BlockHash.of(batch)
    actions.accepted.reserveCapacity(batch.samples.count)
    batch.values.withUnsafeBufferPointer { values in
      blocks(values, hashes, of: batch, from: start, session: session, by: agent, at: now, &actions, &outcomes)
    }
    for sample in batch.silent.dropFirst(max(0, start - batch.samples.count)) where actions.refusal == nil {
      silenced(sample, session: session, by: agent, at: now, &actions, &outcomes)
      if actions.refusal == nil { actions.taken += 1 }
    }
    actions.receipts = outcomes.receipts
    return actions
  }

  /// The blocks of a batch.
  private mutating func blocks(
    _ values: UnsafeBufferPointer<Float>, _ hashes: [UInt64], of batch: BlockBatch, from start: Int, session: Int,
    by agent: Int, at now: Duration, _ actions: inout Actions, _ outcomes: inout ReceiptRuns
  ) {
    var position = start
    var place: Int?
    // Whether the last block went into a round that goes on: mostly those of the next samples do, too.
    var isSteady = false
    while position < batch.samples.count {
      if isSteady, let last = place {
        let run = self.run(values, hashes, of: batch, from: position, session: session, by: agent, after: last, at: now)
        for taken in position..<position + run.count {
          actions.accepted.append(AcceptedBlock(position: taken, hash: hashes[taken]))
        }
        outcomes.append(batch.samples[position..<position + run.count], .accepted)
        position += run.count
        actions.taken += run.count
        place = run.place
        isSteady = false
        guard position < batch.samples.count else { break }
      }
      let sample = batch.samples[position]
      if !batch.refusals.isEmpty, let reason = batch.refusals[position] {
        outcomes.append(sample, .invalid, reason)
      } else if let found = self.round(of: sample, after: place, session: session, by: agent, at: now, &actions) {
        place = found
        let block = UnsafeBufferPointer(rebasing: values[position * batch.width..<(position + 1) * batch.width])
        switch open.contributed(block, hashes[position], by: agent, at: found) {
        case .accepted:
          actions.accepted.append(AcceptedBlock(position: position, hash: hashes[position]))
          outcomes.append(sample, .accepted)
          spoken(sample, found, session: session, by: agent, at: now, &actions.closed)
          isSteady = open.isOpen(sample, session: session, at: found) && open[found].started != nil
        case .duplicate: outcomes.append(sample, .duplicate)
        case .conflict: outcomes.append(sample, .conflict, conflictReason(agent, sample))
        }
      } else if actions.refusal == nil {
        let (status, reason) = outcomeOfLateBlock(hashes[position], of: sample, session: session, by: agent)
        if status == .late { estimate?.cameLate(agent) }
        outcomes.append(sample, status, reason)
      } else {
        break
      }
      position += 1
      actions.taken += 1
    }
  }

  /// Takes the blocks of neighbouring samples whose rounds run and go on, as many as there are.
  ///
  /// - Parameter place: The place of the round before them.
  /// - Returns: How many were accepted, and the place of the last one's round.
  private mutating func run(
    _ values: UnsafeBufferPointer<Float>, _ hashes: [UInt64], of batch: BlockBatch, from position: Int, session: Int,
    by agent: Int, after place: Int, at now: Duration
  ) -> (count: Int, place: Int) {
    guard batch.refusals.isEmpty, estimate == nil else { return (0, place) }
    let rest = position..<batch.samples.count
    let run = open.contributed(
      UnsafeBufferPointer(rebasing: values[rest.lowerBound * batch.width..<rest.upperBound * batch.width]),
      hashes[rest], of: batch.samples[rest], session: session, by: agent, after: place,
      absent: presence.absentCount)
    if run.count > 0 {
      sessions[session].lastActivity = now
      catchingUp.delivered(agent, round: open[run.place].number, at: now)
    }
    return run
  }

  /// An agent said that it has no block of a sample.
  private mutating func silenced(
    _ sample: UInt64, session: Int, by agent: Int, at now: Duration, _ actions: inout Actions,
    _ outcomes: inout ReceiptRuns
  ) {
    guard let place = round(of: sample, after: nil, session: session, by: agent, at: now, &actions) else {
      guard actions.refusal == nil else { return }
      let (status, reason) = outcomeOfLateSilence(of: sample, session: session, by: agent)
      return outcomes.append(sample, status, reason)
    }
    switch open.silenced(agent, at: place) {
    case .accepted:
      outcomes.append(sample, .accepted)
      spoken(sample, place, session: session, by: agent, at: now, &actions.closed)
    case .duplicate: outcomes.append(sample, .duplicate)
    case .conflict: outcomes.append(sample, .conflict, conflictReason(agent, sample))
    }
  }

  /// The place of the open round that an agent speaks in, which is opened if it is new; nil: it is closed, or the actions'
  /// refusal says why it cannot be opened.
  ///
  /// - Parameter previous: The place of the round that the agent spoke in before.
  private mutating func round(
    of sample: UInt64, after previous: Int?, session: Int, by agent: Int, at now: Duration, _ actions: inout Actions
  ) -> Int? {
    if let known = open.place(of: sample, session: session, after: previous) { return known }
    if sessions[session].closed.contains(sample) { return nil }
    actions.refusal = refusalOfNewRound(session: session, by: agent)
    if case .tooFarAhead = actions.refusal {
      let givenWay = givenWay(by: agent, at: now)
      if !givenWay.isEmpty {
        actions.closed += givenWay
        actions.refusal = nil
      }
    }
    guard actions.refusal == nil else { return nil }
    return open(sample, session: session, by: agent, at: now)
  }

  /// An agent spoke in an open round: its clock may start, and it may be over.
  private mutating func spoken(
    _ sample: UInt64, _ place: Int, session: Int, by agent: Int, at now: Duration, _ closed: inout [ClosedRound]
  ) {
    let round = open[place]
    if let started = round.started {
      sessions[session].lastActivity = now
      catchingUp.delivered(agent, round: round.number, at: now)
      estimate?.came(agent, after: now - started)
    } else {
      estimate?.came(agent, after: .zero)
      guard sessions[session].isOpen, round.speakers >= rules.speakers else { return }
      start(sample, at: place, session: session, at: now)
    }
    if isOver(at: place) { closed.append(close(sample, session: session, at: place)) }
  }

  /// A client asked for samples.
  ///
  /// - Parameters:
  ///   - defense: The position of the defence that it named; nil: it named none.
  /// - Returns: The session's defence, the verdicts that exist already, and the samples whose verdicts will come.
  /// - Throws: ``RoundRefusal``; nothing has changed then.
  package mutating func requested(
    session name: String, defense: Int?, samples: [UInt64], at now: Duration
  ) throws(RoundRefusal) -> Requested {
    guard !isDraining else { throw .draining }
    if let known = sessionIndices[name] {
      if let defense = sessions[known].unknownDefense { throw .unknownDefense(session: name, defense: defense) }
      if let defense, defense != sessions[known].defense {
        throw .otherDefense(
          session: name, defense: defenses[sessions[known].defense], requested: defenses[defense])
      }
      for sample in samples
      where sessions[known].closed.contains(sample) && !remembered.contains(.init(session: known, sample: sample)) {
        throw .forgotten(session: name, sample: sample, remembered: limits.rememberedRounds)
      }
    }
    guard requestedCount + samples.count <= limits.requestedRounds else {
      throw .tooManyRequestedRounds(limit: limits.requestedRounds, requested: requestedCount + samples.count)
    }
    let session = try self.session(named: name, defense: defense, by: nil, at: now)
    sessions[session].lastActivity = now
    var over: [ClosedRound] = []
    wanted(session, at: now, &over)
    overdue += over

    var decided: [Verdict] = []
    var pending: [UInt64] = []
    for sample in samples {
      if let closed = remembered.round(.init(session: session, sample: sample)) {
        if let verdict = closed.verdict(session: name) { decided.append(verdict) } else { pending.append(sample) }
        continue
      }
      pending.append(sample)
      let isRunning = open.place(of: sample, session: session).map { open[$0].started != nil } ?? false
      if !isRunning, sessions[session].requested.insert(sample).inserted { requestedCount += 1 }
    }
    if !sessions[session].requested.isEmpty {
      waiting.insert(session)
      earliestIdleTimeout = min(earliestIdleTimeout ?? .seconds(Int64.max), now + rules.idleTimeout)
    }
    return (sessions[session].defense, decided, pending)
  }

  /// Rounds were decided.
  package mutating func decided(_ verdicts: [Verdict]) {
    for run in verdicts.runs {
      guard let session = index(ofSession: run[run.startIndex].session) else { continue }
      // By their places: a verdict is not copied with all its lists.
      for index in run.indices { remembered.decided(run[index], session: session) }
    }
  }

  /// The service began to shut down: no round is opened any more, those that nobody spoke in are given up, and sessions
  /// wait for no agent any more. Rounds in which too few have spoken stay as they are.
  ///
  /// - Returns: Rounds that are over, since nobody else is there.
  package mutating func drainBegan(at now: Duration) -> [ClosedRound] {
    var closed: [ClosedRound] = []
    for session in gathering.sorted() { open(session, at: now, &closed) }
    isDraining = true
    for session in waiting { sessions[session].requested = [] }
    waiting = []
    requestedCount = 0
    earliestIdleTimeout = nil
    return closed
  }
}
