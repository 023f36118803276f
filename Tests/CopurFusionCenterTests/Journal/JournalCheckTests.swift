import CopurCore
import CopurFusionCenter
import Testing

@Suite struct JournalCheckTests {
  private let agents = roster.agents

  private func verdict(_ sample: UInt64, contributed: [AgentID]) -> Verdict {
    Verdict(
      session: "s", sample: sample, modelVersion: "m1", defense: "toy", contributed: contributed,
      missing: agents.filter { !contributed.contains($0) }, decision: nil)
  }

  private func readBlocks(_ samples: [UInt64], of agent: Int, into check: inout JournalCheck) throws {
    let values = samples.map(Float.init)
    try check.readContribution(
      session: "s", agent: agents[agent], samples: samples, hashes: values.map { BlockHash.of([$0][...]) },
      values: values)
  }

  @Test func aSoundJournal() throws {
    var check = JournalCheck()
    try readBlocks([1, 2, 3, 4], of: 0, into: &check)
    try readBlocks([1], of: 1, into: &check)
    check.read(verdict(1, contributed: [agents[0], agents[1]]))
    check.read(verdict(2, contributed: [agents[0]]))
    check.read(verdict(9, contributed: []))
    check.readAborted(session: "s", samples: [3])
    let report = check.finished()
    #expect(report.faults == [] && report.faultCount == 0)
    #expect(report.blocks == 5 && report.decided == 3 && report.aborted == 1 && report.open == 1)
  }

  @Test func everyBrokenRuleIsAFault() throws {
    var check = JournalCheck()
    try readBlocks([1, 2], of: 0, into: &check)
    try readBlocks([2], of: 0, into: &check)
    try check.readContribution(session: "s", agent: agents[1], samples: [1], hashes: [0], values: [1])
    check.read(verdict(1, contributed: [agents[0], agents[2]]))
    check.read(verdict(1, contributed: [agents[0], agents[1]]))
    check.readAborted(session: "s", samples: [1, 2, 2])
    #expect(
      check.finished().faults == [
        "session \"s\", sample 2, agent a: there are two blocks",
        "session \"s\", sample 1, agent b: the block is not the one that was stored",
        "session \"s\", sample 1: the verdict says that agent c contributed, and a block of it is not stored",
        "session \"s\", sample 1: the verdict says that agent b was missing, and a block of it is stored",
        "session \"s\", sample 1: there are two verdicts",
        "session \"s\", sample 1: the round was decided and given up",
        "session \"s\", sample 2: the round was given up twice",
      ])
    let error = #expect(throws: CopurError.self) {
      try check.readContribution(session: "s", agent: agents[1], samples: [1, 2], hashes: [0, 0], values: [1])
    }
    #expect(error?.message == "a hash and a block a sample (samples: 2, hashes: 2, values: 1)")
  }

  /// A report of a journal in ruins stays short.
  @Test func theFirstFaultsAreTold() {
    var check = JournalCheck()
    check.readAborted(session: "s", samples: [UInt64](repeating: 1, count: 201))
    let report = check.finished()
    #expect(report.faults.count == 100 && report.faultCount == 200)
  }
}
