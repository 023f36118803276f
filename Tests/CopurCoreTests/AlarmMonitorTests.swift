import CopurCore
import Testing

struct AlarmMonitorTests {
  @Test("An alarm stands from the row on in which suspect rows outnumber others by more than the limit")
  func raises() {
    var monitor = AlarmMonitor(limits: [2, 5])
    let rows = [true, true, false, true, true, true]
    // 1, 2, 1, 2, 3, 4 by hand.
    #expect(rows.map { monitor.judged([$0, $0])[0] } == [false, false, false, false, true, true])
    #expect(monitor.excesses == [4, 4])
  }

  @Test("It ends after clean rows, however long it stood; a missing agent's alarm stays as it is")
  func ends() {
    var monitor = AlarmMonitor(limits: [2])
    for _ in 0..<1000 { _ = monitor.judged([true]) }
    #expect(monitor.excesses == [5])
    #expect(monitor.judged([nil]) == [true])
    #expect((0..<3).map { _ in monitor.judged([false])[0] } == [true, true, false])
  }

  /// One hour in a new place is one piece of evidence, not sixty.
  @Test("The limit is what the worst clean run had, so that none of them would have raised an alarm")
  func limit() {
    func run(_ suspects: Int) -> [Bool?] {
      [false, nil] + [Bool?](repeating: true, count: suspects) + [Bool?](repeating: false, count: 30)
    }
    #expect(AlarmMonitor.largestExcess(of: run(12)) == 12)
    #expect(AlarmMonitor.limit(of: [run(9), run(12), run(0)]) == 12)
    #expect(AlarmMonitor.limit(of: [run(1), run(0)]) == AlarmMonitor.leastLimit)
    #expect(AlarmMonitor.limit(of: []) == AlarmMonitor.leastLimit)
    var monitor = AlarmMonitor(limits: [AlarmMonitor.limit(of: [run(12), run(9)])])
    #expect(run(12).allSatisfy { !monitor.judged([$0])[0] })
  }

  @Test("A promise that clean rows break is said, with agent, rate and promise")
  func drift() throws {
    let agent = CalibrationRecord.Agent(
      agent: try AgentID("phone"), promised: 0.01, lastRun: 0.12, worstRun: 0.12, alarmLimit: 5, isGateHeld: true)
    #expect(agent.drift(0.049) == nil)
    #expect(agent.drift(0.156)?.contains("phone is named suspect in 15.6 % of clean rows (promised: 1.0 %") == true)
    #expect(agent.warnings.count == 2 && agent.warnings.allSatisfy { $0.hasPrefix("agent phone: ") })
    var kept = agent
    (kept.lastRun, kept.isGateHeld) = (0.02, false)
    #expect(kept.warnings.isEmpty)
  }
}
