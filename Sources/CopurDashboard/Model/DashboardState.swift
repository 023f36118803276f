internal import CopurCore
package import CopurFusionCenter

/// Everything that the page shows: what happened goes in, what to tell the pages comes out.
///
/// It is a value without a clock, a socket or a lock, and its size is bounded whatever happens.
package struct DashboardState: PageState, Sendable {
  /// The number of cells of the heat map (rounds × agents) that are kept, and of rounds at most.
  private static let (cells, rounds) = (60_000, 240)
  /// The number of rounds that one update tells of; of more only the last ones are, and the rest is counted.
  private static let roundsPerUpdate = 48
  private static let (alarms, sessions) = (100, 8)
  /// Accuracy is that of so many labelled rounds, and what is certified of so many that say.
  private static let judgedRounds = 200

  package let model: DashboardModel
  package private(set) var agents: [AgentRecord]
  private var status: FusionCenterStatus
  private var refusals: [String: Int] = [:]
  private var history: [RoundRecord] = []
  package private(set) var alarms: [Alarm] = []
  private var sessions: [SessionTally] = []
  private var seconds = SecondTally()
  private var modelVersion = ""
  private var total = 0
  private var undecided = 0
  private var lost = 0
  private var alarmCount = 0
  /// Of the last labelled rounds the right class, and whether it was decided.
  private var labelled: [(truth: Int, isRight: Bool)] = []
  /// The number of liars that each of the last verdicts that say withstands.
  private var certified: [Int] = []

  /// The rounds that the next update tells of.
  private var newRounds: [RoundRecord] = []
  private var skipped = 0
  private var newAlarms: [Alarm] = []

  package init(model: DashboardModel) {
    self.model = model
    agents = [AgentRecord](repeating: AgentRecord(), count: model.agents.count)
    status = FusionCenterStatus(
      phase: .serving, streams: [Int](repeating: 0, count: model.agents.count), openRounds: 0)
  }

  private var keptRounds: Int { max(24, min(Self.rounds, Self.cells / max(1, model.agents.count))) }

  // MARK: What happens

  /// Rounds were decided.
  ///
  /// - Parameters:
  ///   - missed: How many before them nobody here has seen.
  ///   - now: Since the service was started.
  ///   - date: Milliseconds since 1970, for alarms.
  package mutating func decided(_ rounds: [DecidedRound], lost missed: Int, at now: Duration, date: Double) {
    seconds.advanced(to: now)
    if missed > 0 {
      lost += missed
      raise(.warning, "\(missed) rounds came faster than the dashboard takes them in; they are not shown", date)
    }
    let before = agents
    for round in rounds { decided(round, date: date) }
    for (index, name) in model.agents.enumerated() {
      let (old, new) = (before[index], agents[index])
      // Where the service has limits, its own alarms say it.
      if !status.watchesAgents, old.isSuspect != new.isSuspect {
        raise(
          new.isSuspect ? .warning : .notice,
          new.isSuspect ? "agent \(name) is suspect" : "agent \(name) is no longer suspect", date)
      }
      if old.isSilent != new.isSilent {
        raise(
          new.isSilent ? .warning : .notice,
          new.isSilent ? "agent \(name) has fallen silent" : "agent \(name) speaks again", date)
      }
    }
  }

  private mutating func decided(_ round: DecidedRound, date: Double) {
    let verdict = round.verdict
    total += 1
    let outcomes = outcomes(of: verdict)
    for (index, outcome) in outcomes.enumerated() {
      agents[index].decided(outcome, residual: verdict.decision?.residuals?[index])
    }
    if verdict.decision == nil {
      undecided += 1
      // One line says it for all that follow in the session.
      if sessions.first(where: { $0.session == verdict.session })?.undecided ?? 0 == 0 {
        raise(.warning, "session \(verdict.session): a round had too few blocks for a decision", date)
      }
    }
    if verdict.modelVersion != modelVersion {
      if !modelVersion.isEmpty { raise(.notice, "model \(verdict.modelVersion) decides from now on", date) }
      modelVersion = verdict.modelVersion
    }
    let truth = model.labels?.of(sample: verdict.sample)
    if let truth {
      Self.append((truth, verdict.decision?.label == truth), to: &labelled, limit: Self.judgedRounds)
    }
    if let liars = verdict.decision?.certifiedAgents {
      Self.append(liars, to: &certified, limit: Self.judgedRounds)
    }
    count(verdict, accuses: outcomes.contains(.suspect), truth: truth)
    let record = RoundRecord(number: total, round, outcomes: outcomes, truth: truth, date: date)
    seconds.decided(latency: record.latency)
    Self.append(record, to: &history, limit: keptRounds)
    newRounds.append(record)
    if newRounds.count > min(Self.roundsPerUpdate, keptRounds) {
      newRounds.removeFirst()
      skipped += 1
    }
  }

  private func outcomes(of verdict: Verdict) -> [AgentOutcome] {
    // Verdicts list agents in the model's order, so one walk over them is enough.
    var contributed = verdict.contributed[...]
    return model.agents.enumerated().map { index, agent in
      guard contributed.first == agent else { return .missing }
      contributed.removeFirst()
      return verdict.decision?.suspects?[index] == true ? .suspect : .contributed
    }
  }

  private mutating func count(_ verdict: Verdict, accuses: Bool, truth: Int?) {
    let place =
      sessions.firstIndex { $0.session == verdict.session }
      ?? {
        Self.append(
          SessionTally(session: verdict.session, defense: verdict.defense), to: &sessions, limit: Self.sessions)
        return sessions.count - 1
      }()
    sessions[place].rounds += 1
    if verdict.decision == nil { sessions[place].undecided += 1 }
    if accuses { sessions[place].accused += 1 }
    if let truth {
      sessions[place].labelled += 1
      if verdict.decision?.label == truth { sessions[place].right += 1 }
    }
  }

  /// The service was looked at.
  ///
  /// - Parameter refused: How often peers were refused, by rule, since the service was started.
  package mutating func looked(at status: FusionCenterStatus, refused: [(rule: String, count: Int)], date: Double) {
    if status.phase != self.status.phase {
      switch status.phase {
      case .serving: raise(.notice, "the service is ready", date)
      case .draining: raise(.warning, "the service shuts down: it finishes what is in flight", date)
      case .failed(let reason): raise(.critical, reason, date)
      case .stopped: raise(.warning, "the service has stopped", date)
      }
    }
    for (index, name) in model.agents.enumerated() where agents[index].contributed > 0 {
      if status.streams[index] == 0, self.status.streams[index] > 0 {
        raise(.warning, "agent \(name) has closed its last stream", date)
      }
    }
    for subject in status.alarms.subtracting(self.status.alarms).map(\.words).sorted() {
      raise(.warning, subject, date)
    }
    for subject in self.status.alarms.subtracting(status.alarms).map(\.words).sorted() {
      raise(.notice, "an alarm has ended: \(subject)", date)
    }
    for (index, agent) in model.agents.enumerated() {
      agents[index].looked(alarm: status.watchesAgents ? status.alarms.contains(.agent(agent)) : nil)
    }
    let before = Set(self.status.waitingSessions.map(\.name))
    for session in status.waitingSessions.prefix(8) where !before.contains(session.name) {
      let agents =
        session.agents.prefix(16).map(\.name).joined(separator: ", ") + (session.agents.count > 16 ? ", …" : "")
      raise(
        .warning, "session \(session.name) waits for \(agents), \(Int(session.longest / .seconds(1))) s at most", date)
    }
    let waiting = Set(status.waitingSessions.map(\.name))
    for session in self.status.waitingSessions.prefix(8) where !waiting.contains(session.name) {
      raise(.notice, "session \(session.name) has begun", date)
    }
    for (rule, count) in refused {
      let before = refusals[rule] ?? 0
      if count > before { raise(.warning, "refused by the rule \(rule): \(count - before) times", date) }
      refusals[rule] = count
    }
    self.status = status
  }

  private mutating func raise(_ level: Alarm.Level, _ text: String, _ date: Double) {
    alarmCount += 1
    let alarm = Alarm(number: alarmCount, at: date, level: level, text: text)
    Self.append(alarm, to: &alarms, limit: Self.alarms)
    Self.append(alarm, to: &newAlarms, limit: Self.alarms)
  }

  private static func append<Element>(_ element: Element, to elements: inout [Element], limit: Int) {
    if elements.count >= limit { elements.removeFirst(elements.count - limit + 1) }
    elements.append(element)
  }

  // MARK: What to tell

  /// Everything, for a page that knows nothing yet.
  package var snapshot: DashboardSnapshot {
    DashboardSnapshot(
      name: model.name, agents: model.agents.map(\.name), classes: model.classes, labels: model.labels?.source,
      training: model.training,
      capacity: keptRounds, rounds: history, alarms: alarms, now: summary)
  }

  /// Whether there is more to tell than that time goes on.
  package var hasNews: Bool { !newRounds.isEmpty || !newAlarms.isEmpty }

  /// The news since the last update, which are then told and no longer new.
  ///
  /// - Parameter now: Since the service was started.
  package mutating func update(at now: Duration) -> DashboardUpdate {
    seconds.advanced(to: now)
    defer { (newRounds, skipped, newAlarms) = ([], 0, []) }
    return DashboardUpdate(rounds: newRounds, skipped: skipped, alarms: newAlarms, now: summary)
  }

  /// The number of labelled rounds with their most frequent class: a constant guess would have got those right.
  private var majority: Int {
    labelled.reduce(into: [:]) { counts, round in counts[round.truth, default: 0] += 1 }.values.max() ?? 0
  }

  private var summary: DashboardSummary {
    let phase: String
    var reason: String?
    switch status.phase {
    case .serving: phase = "serving"
    case .draining: phase = "draining"
    case .failed(let text): (phase, reason) = ("failed", text)
    case .stopped: phase = "stopped"
    }
    return DashboardSummary(
      phase: phase, reason: reason, model: modelVersion,
      agents: agents.indices.map { index in
        let agent = agents[index]
        return DashboardSummary.Agent(
          state: agent.state(streams: status.streams[index]).rawValue, streams: status.streams[index],
          residual: agent.residual.flatMap { $0.isFinite ? $0.rounded(digits: 3) : nil },
          suspect: agent.suspectShare, missing: agent.missingShare)
      },
      openRounds: status.openRounds, rounds: total, undecided: undecided, lost: lost, rate: seconds.rate,
      rates: seconds.rates, median: seconds.latency?.median, tail: seconds.latency?.tail, medians: seconds.medians,
      labelled: labelled.count, right: labelled.count(where: \.isRight), majority: majority,
      certified: DashboardSummary.Certified(certified), sessions: sessions)
  }
}
