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
  }

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
  let deadline: Duration
  let idleTimeout: Duration
  let limits: RoundLimits

  var sessions: [RoundSession] = []
  var sessionIndices: [String: Int] = [:]
  /// How many sessions are those of earlier runs, which come first and do not count towards the limit.
  var resumedCount = 0
  /// Rounds in the order of their deadlines, which is that of their first blocks; some have closed since.
  var deadlines = Deque<(deadline: Duration, session: Int, sample: UInt64)>()
  /// The latest closed rounds.
  var remembered: RememberedRounds
  /// Sessions with rounds that were asked for and have no block yet.
  var waiting: Set<Int> = []
  /// No waiting session's idle timeout is before this.
  var earliestIdleTimeout: Duration?
  /// How many rounds have a block and are open.
  package internal(set) var openCount = 0
  /// How many rounds were asked for and have no block yet.
  package internal(set) var requestedCount = 0
  package private(set) var isDraining = false

  /// - Parameters:
  ///   - defenses: The defences' names; at least one. The first is that of a session that is opened by a block.
  package init(
    roster: AgentRoster, defenses: [String], deadline: Duration, idleTimeout: Duration, limits: RoundLimits
  ) {
    self.roster = roster
    self.defenses = defenses
    self.deadline = deadline
    self.idleTimeout = idleTimeout
    self.limits = limits.limited(to: roster.count)
    self.remembered = RememberedRounds(agents: roster.agents, capacity: self.limits.rememberedRounds)
  }

  /// The name of a session's defence; the session has a round.
  package func defense(ofSession name: String) -> String { defenses[sessions[sessionIndices[name]!].defense] }

  /// An agent's blocks, and its word of samples of which it has none, came.
  ///
  /// - Parameters:
  ///   - batch: The blocks; checked.
  ///   - agent: The agent's position in the roster.
  package mutating func contributed(_ batch: BlockBatch, by agent: Int, at now: Duration) -> Actions {
    var actions = Actions()
    actions.closed = advanced(to: now)
    let session: Int
    do { session = try self.session(named: batch.session, defense: nil, at: now) } catch {
      actions.refusal = error
      return actions
    }
    if let defense = sessions[session].unknownDefense {
      let reason = RoundRefusal.unknownDefense(session: batch.session, defense: defense).description
      actions.receipts = [
        Receipt(session: batch.session, samples: batch.samples + batch.silent, status: .late, reason: reason)
      ]
      return actions
    }

    var outcomes = ReceiptRuns(session: batch.session)
    for position in batch.samples.indices {
      let sample = batch.samples[position]
      if !batch.refusals.isEmpty, let reason = batch.refusals[position] {
        outcomes.append(sample, .invalid, reason)
        continue
      }
      if sessions[session].open[sample] == nil {
        if sessions[session].closed.contains(sample) {
          let (status, reason) = outcomeOfLateBlock(batch[position], of: sample, session: session, by: agent)
          outcomes.append(sample, status, reason)
          continue
        }
        if let refusal = refusalOfNewRound(session: session) {
          actions.refusal = refusal
          break
        }
        open(sample, session: session, at: now)
      }
      // The optional is chained through, not copied out: the round's storage is written in place.
      switch sessions[session].open[sample]!.contributed(batch[position], by: agent, layout: roster.layout) {
      case .accepted(let hash):
        sessions[session].lastActivity = now
        actions.accepted.append(AcceptedBlock(position: position, hash: hash))
        outcomes.append(sample, .accepted)
        if sessions[session].open[sample]!.isComplete { actions.closed.append(close(sample, session: session)) }
      case .duplicate: outcomes.append(sample, .duplicate)
      case .conflict: outcomes.append(sample, .conflict, conflictReason(agent, sample))
      }
    }
    for sample in batch.silent where actions.refusal == nil {
      silenced(sample, session: session, by: agent, at: now, &actions, &outcomes)
    }
    actions.receipts = outcomes.receipts
    return actions
  }

  /// An agent said that it has no block of a sample.
  private mutating func silenced(
    _ sample: UInt64, session: Int, by agent: Int, at now: Duration, _ actions: inout Actions,
    _ outcomes: inout ReceiptRuns
  ) {
    if sessions[session].open[sample] == nil {
      if sessions[session].closed.contains(sample) {
        let (status, reason) = outcomeOfLateSilence(of: sample, session: session, by: agent)
        outcomes.append(sample, status, reason)
        return
      }
      if let refusal = refusalOfNewRound(session: session) {
        actions.refusal = refusal
        return
      }
      open(sample, session: session, at: now)
    }
    switch sessions[session].open[sample]!.silenced(agent) {
    case .accepted:
      sessions[session].lastActivity = now
      outcomes.append(sample, .accepted)
      if sessions[session].open[sample]!.isComplete { actions.closed.append(close(sample, session: session)) }
    case .duplicate: outcomes.append(sample, .duplicate)
    case .conflict: outcomes.append(sample, .conflict, conflictReason(agent, sample))
    }
  }

  /// A client asked for samples.
  ///
  /// - Parameters:
  ///   - defense: The position of the defence that it named; nil: it named none.
  /// - Returns: The session's defence, the verdicts that exist already, and the samples whose verdicts will come.
  /// - Throws: ``RoundRefusal``; nothing has changed then.
  package mutating func requested(
    session name: String, defense: Int?, samples: [UInt64], at now: Duration
  ) throws(RoundRefusal) -> (defense: Int, decided: [Verdict], pending: [UInt64]) {
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
    let session = try self.session(named: name, defense: defense, at: now)
    sessions[session].lastActivity = now

    var decided: [Verdict] = []
    var pending: [UInt64] = []
    for sample in samples {
      if let closed = remembered.round(.init(session: session, sample: sample)) {
        if let verdict = closed.verdict(session: name) { decided.append(verdict) } else { pending.append(sample) }
        continue
      }
      pending.append(sample)
      if sessions[session].open[sample] == nil, sessions[session].requested.insert(sample).inserted {
        requestedCount += 1
      }
    }
    if !sessions[session].requested.isEmpty {
      waiting.insert(session)
      earliestIdleTimeout = min(earliestIdleTimeout ?? .seconds(Int64.max), now + idleTimeout)
    }
    return (sessions[session].defense, decided, pending)
  }

  /// Rounds were decided.
  package mutating func decided(_ verdicts: [Verdict]) {
    for verdict in verdicts {
      guard let session = sessionIndices[verdict.session] else { continue }
      remembered.decided(verdict, session: session)
    }
  }

  /// The service began to shut down: no round is opened any more, and those that nobody spoke in are given up.
  package mutating func drainBegan() {
    isDraining = true
    for session in waiting { sessions[session].requested = [] }
    waiting = []
    requestedCount = 0
    earliestIdleTimeout = nil
  }
}
