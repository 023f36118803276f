package import CopurCore
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
