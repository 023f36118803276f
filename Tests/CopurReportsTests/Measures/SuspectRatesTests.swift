import CopurReports
import Testing

struct SuspectRatesTests {
  @Test("Two samples, three agents, the last lies: named twice, an honest one once")
  func byHand() {
    let rates = SuspectRates.of(
      named: [[false, true, true], [false, false, true]], observed: [Bool](repeating: true, count: 6),
      lied: [false, false, true, false, false, true])
    #expect(rates == SuspectRates(precision: 2.0 / 3, recall: 1, falseAlarmRate: 1.0 / 4))
  }

  @Test("Missing agents are no pairs; a sample without a verdict names nobody, which is a miss")
  func missing() {
    let rates = SuspectRates.of(
      named: [[false, false, true], nil], observed: [true, false, true, true, false, true],
      lied: [false, false, true, false, false, true])
    #expect(rates == SuspectRates(precision: 1, recall: 0.5, falseAlarmRate: 0))
  }

  @Test("Nobody lies: there are only false alarms")
  func clean() {
    let rates = SuspectRates.of(
      named: [[true, false], [false, false]], observed: [true, true, true, true],
      lied: [false, false, false, false])
    #expect(rates == SuspectRates(precision: nil, recall: nil, falseAlarmRate: 0.25))
  }

  @Test("An agent may lie of one sample and be honest of the next")
  func changing() {
    let rates = SuspectRates.of(named: [[true], [true]], observed: [true, true], lied: [true, false])
    #expect(rates == SuspectRates(precision: 0.5, recall: 1, falseAlarmRate: 1))
  }

  @Test("Nobody is named though one lies: no precision, a recall of 0")
  func silent() {
    let rates = SuspectRates.of(named: [[false, false]], observed: [true, true], lied: [true, false])
    #expect(rates == SuspectRates(precision: nil, recall: 0, falseAlarmRate: 0))
  }

  @Test("Everybody lies: there is no honest pair")
  func nobodyHonest() {
    let rates = SuspectRates.of(named: [[true, false]], observed: [true, true], lied: [true, true])
    #expect(rates == SuspectRates(precision: 1, recall: 0.5, falseAlarmRate: nil))
  }

  @Test("A defence that names nobody at all has no rates")
  func unnamed() { #expect(SuspectRates.of(named: [nil, nil], observed: [true, true], lied: [true, false]) == nil) }
}
