import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import Testing

private func table(limits: RoundLimits = RoundLimits()) -> RoundTable {
  RoundTable(
    roster: roster, defenses: ["first", "second"],
    rules: RoundRules(deadline: .milliseconds(250), idleTimeout: .milliseconds(2500)), limits: limits)
}

private func block(_ agent: Int, _ value: Float, model: String = "m1") -> JournalRecovery.Open.Block {
  JournalRecovery.Open.Block(
    agent: roster.agents[agent], modelVersion: model,
    values: [Float](repeating: value, count: roster.layout.widths[agent]))
}

private func recovery(
  _ open: [JournalRecovery.Open], decided: [JournalRecovery.Decided] = [], defense: String = "second"
) -> JournalRecovery {
  var recovery = JournalRecovery()
  var closed = SampleSet()
  for round in decided { closed.insert(round.verdict.sample) }
  recovery.sessions = [JournalRecovery.Session(name: "s", defense: defense, closed: closed)]
  recovery.open = open
  recovery.decided = decided
  return recovery
}

private func open(_ sample: UInt64, _ blocks: [JournalRecovery.Open.Block]) -> JournalRecovery.Open {
  JournalRecovery.Open(session: "s", sample: sample, blocks: blocks)
}

private func statuses(_ actions: RoundTable.Actions) -> [Receipt.Status] {
  actions.receipts.flatMap { receipt in receipt.samples.map { _ in receipt.status } }
}

@Suite struct RoundTableResumingTests {
  @Test func anOpenRoundGoesOnWithANewDeadline() throws {
    var table = table()
    let resumed = table.resumed(
      recovery([open(7, [block(1, 5)])]), modelVersion: "m1", resumes: true, at: .milliseconds(100))
    #expect(resumed.closed.isEmpty && resumed.aborted.isEmpty)
    #expect(table.openCount == 1 && table.nextDeadline == .milliseconds(350))
    #expect(statuses(table.contributed(batch([7], from: 1, [5]), by: 1, at: .milliseconds(200))) == [.duplicate])
    #expect(statuses(table.contributed(batch([7], from: 1, [6]), by: 1, at: .milliseconds(200))) == [.conflict])
    _ = table.contributed(batch([7], from: 0, [1]), by: 0, at: .milliseconds(200))
    let closed = table.contributed(batch([7], from: 2, [2]), by: 2, at: .milliseconds(200)).closed
    // In the session's own defence, with the block of before.
    #expect(closed.map(\.embedding) == [[1, 1, 5, 2, 2, 2]] && closed.map(\.defense) == [1])
  }

  @Test func aRoundWithAllItsBlocksIsDecided() {
    var table = table()
    let resumed = table.resumed(
      recovery([open(1, (0..<3).map { block($0, 1) }), open(2, [block(0, 1)])]), modelVersion: "m1", resumes: true,
      at: .zero)
    #expect(resumed.closed.map(\.sample) == [1] && resumed.closed[0].observedCount == 3)
    #expect(table.openCount == 1)
  }

  @Test func aDecidedRoundIsNotDecidedAgain() throws {
    let verdict = Verdict(
      session: "s", sample: 3, modelVersion: "m0", defense: "second", contributed: [roster.agents[1]],
      missing: [roster.agents[0], roster.agents[2]], decision: nil)
    let hash = BlockHash.of([Float(5)][...])
    var table = table()
    _ = table.resumed(
      recovery([], decided: [JournalRecovery.Decided(verdict: verdict, hashes: [roster.agents[1]: hash])]),
      modelVersion: "m1", resumes: true, at: .zero)
    #expect(statuses(table.contributed(batch([3], from: 1, [5]), by: 1, at: .zero)) == [.duplicate])
    #expect(statuses(table.contributed(batch([3], from: 1, [6]), by: 1, at: .zero)) == [.conflict])
    #expect(statuses(table.contributed(batch([3], from: 0, [6]), by: 0, at: .zero)) == [.late])
    #expect(try table.requested(session: "s", defense: nil, samples: [3], at: .zero).decided == [verdict])
    #expect(table.openCount == 0)
  }

  @Test(arguments: [
    (false, "second", "m1", "told to give up"), (true, "third", "m1", "has no defence \"third\""),
    (true, "second", "m0", "another model (of the blocks: \"m0\", now: \"m1\")"),
  ])
  func aRoundThatCannotGoOnIsAborted(resumes: Bool, defense: String, model: String, reason: String) throws {
    var table = table()
    let resumed = table.resumed(
      recovery([open(1, [block(0, 1, model: model)]), open(2, [block(1, 1, model: model)])], defense: defense),
      modelVersion: "m1", resumes: resumes, at: .zero)
    #expect(resumed.closed.isEmpty && resumed.aborted.map(\.samples) == [[1, 2]])
    #expect(resumed.aborted[0].session == "s" && resumed.aborted[0].defense == defense)
    #expect(resumed.aborted[0].reason.contains(reason), "\(resumed.aborted[0].reason)")
    #expect(table.openCount == 0)
    #expect(statuses(table.contributed(batch([1], from: 0, [1]), by: 0, at: .zero)) == [.late])
    #expect(throws: RoundRefusal.self) {
      try table.requested(session: "s", defense: nil, samples: [1], at: .zero)
    }
    // A session goes on all the same, unless its defence is gone.
    let later = statuses(table.contributed(batch([9], from: 0, [1]), by: 0, at: .zero))
    #expect(later == [defense == "third" ? .late : .accepted])
  }

  /// With a journal of that many sessions, no new one was ever taken.
  @Test func sessionsOfAnEarlierRunDoNotCountTowardsTheLimit() {
    var limits = RoundLimits()
    limits.sessions = 1
    var table = table(limits: limits)
    _ = table.resumed(recovery([]), modelVersion: "m1", resumes: true, at: .zero)
    #expect(statuses(table.contributed(batch([1], from: 0, [1], in: "new"), by: 0, at: .zero)) == [.accepted])
    let actions = table.contributed(batch([1], from: 0, [1], in: "newer"), by: 0, at: .zero)
    #expect(actions.refusal == .tooManySessions(limit: 1))
  }
}
