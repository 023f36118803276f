import CopurCore
import Testing

@Suite("DriftMonitor")
struct DriftMonitorTests {
  private let roster: AgentRoster
  private let names: [AgentID]

  init() throws {
    names = try ["a", "b", "c"].map(AgentID.init)
    roster = try AgentRoster(agents: names, widths: [1, 1, 1])
  }

  private func protection(limit: Int?, threat: Threat = Threat(any: 1)) -> ProtectionRecord {
    let score = ProtectionRecord.Score(accuracy: 0.8, balanced: 0.8, deviation: 0.01)
    var candidate = ProtectionRecord.Candidate(
      kind: "agent-vote", settings: [:], clean: score, protected: score, isCertified: true, certified: [])
    candidate.standingLimit = limit
    candidate.isTaken = true
    return ProtectionRecord(
      threat: threat, rows: 100, majority: 0.5, classes: 2, cost: 0.05, undefended: score, candidates: [candidate])
  }

  private func verdict(
    suspects: [Bool]? = nil, certified: Int? = nil, missing: [Int] = [], label: Int = 0
  ) -> Verdict {
    var decision = Decision(label: label, probabilities: [1, 0])
    (decision.suspects, decision.certifiedAgents) = (suspects, certified)
    return Verdict(
      session: "s", sample: 0, modelVersion: "v", defense: "d",
      contributed: names.indices.filter { !missing.contains($0) }.map { names[$0] },
      missing: missing.map { names[$0] }, decision: decision)
  }

  @Test("an agent that is suspect for longer than any clean one was, and not any more")
  func agents() {
    var monitor = DriftMonitor(roster: roster, alarmLimits: [5, 5, 5], protection: nil)
    #expect(monitor.subjects == names.map(DriftMonitor.Subject.agent))
    var changes: [[DriftMonitor.Change]] = []
    for _ in 0..<8 { changes.append(monitor.judged(verdict(suspects: [false, true, true], missing: [2]))) }
    #expect(
      changes.map(\.count) == [0, 0, 0, 0, 0, 1, 0, 0], "once, with the sixth row in turn; a missing agent never")
    #expect(changes[5] == [.init(subject: .agent(names[1]), isRaised: true)] && monitor.alarms == [.agent(names[1])])
    #expect(monitor.judged(verdict()).isEmpty, "a defence that names nobody says nothing")
    var ended: [DriftMonitor.Change] = []
    for _ in 0..<8 { ended += monitor.judged(verdict(suspects: [false, false, false])) }
    #expect(ended == [.init(subject: .agent(names[1]), isRaised: false)] && monitor.alarms.isEmpty)
  }

  @Test("verdicts that stand against fewer liars than held-out rows promised")
  func certificates() {
    var monitor = DriftMonitor(roster: roster, alarmLimits: nil, protection: protection(limit: 7))
    #expect(monitor.subjects == [.certificates(liars: 1)])
    // As in training: most stand, some in turn do not.
    for row in 0..<300 { #expect(monitor.judged(verdict(certified: row % 10 < 4 ? 0 : 2)).isEmpty, "\(row)") }
    var raised = -1
    for row in 0..<40 where !monitor.judged(verdict(certified: 0)).isEmpty { raised = row }
    #expect(raised >= 3 && raised <= 7)
    #expect(monitor.alarms == [.certificates(liars: 1)])
    var unsaid = DriftMonitor(roster: roster, alarmLimits: nil, protection: protection(limit: 7))
    for _ in 0..<20 { _ = unsaid.judged(verdict()) }
    #expect(unsaid.alarms == [.certificates(liars: 1)], "a verdict that withstands nobody says no number")
  }

  /// With a quorum of two of three, no verdict without the third agent can withstand a liar, who could deny it by silence: that
  /// is no drift.
  @Test("verdicts from so few that silence could deny them are not counted")
  func few() {
    var monitor = DriftMonitor(roster: roster, alarmLimits: nil, protection: protection(limit: 7), quorum: 2)
    for _ in 0..<50 { #expect(monitor.judged(verdict(certified: 0, missing: [2])).isEmpty) }
    for _ in 0..<50 { _ = monitor.judged(verdict(certified: 0)) }
    #expect(monitor.alarms == [.certificates(liars: 1)])
  }

  @Test("one class for over twice as many verdicts as training rows ever were, and not any more", arguments: [0, 1])
  func oneClass(label: Int) {
    var monitor = DriftMonitor(roster: roster, alarmLimits: nil, protection: nil, longestRun: 20)
    #expect(monitor.subjects == [.oneClass])
    // As in training: runs of up to twenty.
    for row in 0..<200 { #expect(monitor.judged(verdict(label: row / 20 % 2)).isEmpty, "\(row)") }
    _ = monitor.judged(verdict(label: 1 - label))
    var changes: [DriftMonitor.Change] = []
    for _ in 0..<40 { changes += monitor.judged(verdict(label: label)) }
    #expect(changes.isEmpty)
    changes += monitor.judged(verdict(label: label)) + monitor.judged(verdict(label: label))
    #expect(changes == [.init(subject: .oneClass, isRaised: true)] && monitor.alarms == [.oneClass])
    #expect(monitor.judged(verdict(label: 1 - label)) == [.init(subject: .oneClass, isRaised: false)])
    // Rows that never repeat a class promise little: some verdicts alike are no alarm.
    var alternating = DriftMonitor(roster: roster, alarmLimits: nil, protection: nil, longestRun: 1)
    for row in 0..<30 { #expect(alternating.judged(verdict(label: label)).isEmpty, "\(row)") }
    #expect(!alternating.judged(verdict(label: label)).isEmpty)
  }

  @Test("nothing promised, nothing watched")
  func nothing() {
    for record in [nil, protection(limit: nil), protection(limit: 7, threat: Threat(agents: [names[0]]))] {
      var monitor = DriftMonitor(roster: roster, alarmLimits: nil, protection: record)
      #expect(monitor.subjects.isEmpty)
      for _ in 0..<50 { #expect(monitor.judged(verdict(suspects: [true, true, true], certified: 0)).isEmpty) }
    }
  }
}
