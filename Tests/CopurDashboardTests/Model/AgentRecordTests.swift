import CopurDashboard
import Testing

struct AgentRecordTests {
  private func record(_ outcomes: String) -> AgentRecord {
    var record = AgentRecord()
    for outcome in outcomes.compactMap({ AgentOutcome(rawValue: String($0)) }) {
      record.decided(outcome, residual: outcome == .missing ? nil : 1)
    }
    return record
  }

  @Test(
    "The state follows from the last 16 rounds, and one odd round does not turn it",
    arguments: [
      ("", 0, AgentRecord.State.away), ("", 1, .connected), ("....", 0, .connected), ("....", 1, .connected),
      ("!!!!!!!", 1, .connected), ("!!!!!!!!", 1, .suspect), ("!!!!!!!!......", 1, .suspect),
      ("!!!!!!!!.............", 1, .suspect), ("!!!!!!!!..............", 1, .connected),
      ("---", 1, .connected), ("----", 1, .silent), ("----...", 1, .silent), ("----....", 1, .connected),
      ("!.!.!.!.!.!.!.!.", 1, .suspect), ("!!!!!!!!--------", 1, .suspect), ("!!!!!!!!--------------", 1, .silent),
    ])
  func state(_ outcomes: String, _ streams: Int, _ expected: AgentRecord.State) {
    #expect(record(outcomes).state(streams: streams) == expected)
  }

  @Test("Shares are of the last 16 rounds; counts are of all")
  func shares() {
    let agent = record(String(repeating: ".", count: 20) + "!!!!----")
    #expect(agent.suspectShare == 4.0 / 12)
    #expect(agent.missingShare == 4.0 / 16)
    #expect((agent.contributed, agent.suspected, agent.missed) == (24, 4, 4))
    #expect(record("----").suspectShare == nil)
    #expect(record("").missingShare == nil)
  }
}
