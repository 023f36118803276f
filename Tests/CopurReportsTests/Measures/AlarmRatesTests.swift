import CopurReports
import Testing

struct AlarmRatesTests {
  /// Two agents, eight samples: the first lies from the third on and is named from there; the second is named once.
  private static let named: [[Bool]?] = [
    [false, false], [false, true], [true, false], [true, false], nil, [true, false], [true, false], [true, false],
  ]
  private static let lied = (0..<8).flatMap { [$0 >= 2, false] }

  @Test("An alarm is raised by samples in turn; one row names and raises none")
  func rates() {
    let rates = AlarmRates.of(
      limits: [2, 2], named: Self.named, observed: [Bool](repeating: true, count: 16), lied: Self.lied)
    // Named in 2, 3, (no verdict), 5, 6, 7: over 2 from the sample 5 on; it lied in 2 to 7.
    #expect(rates == AlarmRates(recall: 3.0 / 6, falseRate: 0))
    #expect(AlarmRates.of(limits: [2], named: [nil], observed: [true], lied: [false]) == nil)
  }

  @Test("False alarms by agent, over the samples of which it was honest and heard")
  func byAgent() {
    var observed = [Bool](repeating: true, count: 16)
    for sample in 4..<8 { observed[sample * 2 + 1] = false }
    let rates = AgentFalseAlarms.of(agents: ["a", "b"], named: Self.named, observed: observed, lied: Self.lied)
    #expect(rates == [AgentFalseAlarms(agent: "a", rate: 0), AgentFalseAlarms(agent: "b", rate: 0.25)])
    #expect(
      AgentFalseAlarms.of(agents: ["a"], named: [[true]], observed: [true], lied: [true])
        == [AgentFalseAlarms(agent: "a", rate: nil)])
    #expect(AgentFalseAlarms.of(agents: ["a"], named: [nil], observed: [true], lied: [false]) == nil)
  }
}
