import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import Testing

private func table(
  defenses: [String] = ["first", "second"], limits: RoundLimits = RoundLimits()
) -> RoundTable {
  RoundTable(
    roster: roster, defenses: defenses,
    rules: RoundRules(deadline: .milliseconds(250), idleTimeout: .milliseconds(2500)), limits: limits)
}

/// The statuses of a step's receipts, a sample each.
private func statuses(_ actions: RoundTable.Actions) -> [Receipt.Status] {
  actions.receipts.flatMap { receipt in receipt.samples.map { _ in receipt.status } }
}

private func ms(_ count: Int) -> Duration { .milliseconds(count) }

@Suite struct RoundTableTests {
  @Test func closesWithTheLastAgentsBlockInAnyOrder() throws {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    for order in orders {
      var table = table()
      for (position, agent) in order.enumerated() {
        let actions = table.contributed(batch([7], from: agent, [Float(agent) + 1]), by: agent, at: ms(position))
        #expect(statuses(actions) == [.accepted], "\(order)")
        #expect(actions.accepted.map(\.position) == [0])
        if position < 2 {
          #expect(actions.closed.isEmpty)
        } else {
          let round = try #require(actions.closed.first)
          #expect(actions.closed.count == 1 && round.session == "s" && round.sample == 7 && round.defense == 0)
          #expect(round.embedding == [1, 1, 2, 3, 3, 3], "\(order)")
          #expect(round.observed == [true, true, true])
        }
      }
      #expect(table.openCount == 0)
    }
  }

  /// Whatever the order of arrival, with repeats, rounds close with the same content.
  @Test(arguments: 0..<20) func arrivalOrderDoesNotMatter(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var arrivals: [(agent: Int, sample: UInt64)] = []
    for agent in 0..<3 {
      for sample in UInt64(0)..<12 { arrivals += [(agent, sample), (agent, sample)] }
    }
    arrivals.shuffle(using: &generator)
    var table = table()
    var closed: [ClosedRound] = []
    var counts: [Receipt.Status: Int] = [:]
    for (agent, sample) in arrivals {
      let value = Float(sample) * 10 + Float(agent)
      let actions = table.contributed(batch([sample], from: agent, [value]), by: agent, at: .zero)
      closed += actions.closed
      for status in statuses(actions) { counts[status, default: 0] += 1 }
    }
    #expect(counts == [.accepted: 36, .duplicate: 36], "seed \(seed)")
    #expect(closed.count == 12)
    for round in closed {
      let first = Float(round.sample) * 10
      #expect(round.embedding == [first, first, first + 1, first + 2, first + 2, first + 2], "seed \(seed)")
    }
  }

  /// A batch's rounds are looked for one after the other; where they lie otherwise, or their places were another's before,
  /// each is found all the same.
  @Test(arguments: 0..<20) func batchesInAnyOrderFindTheirRounds(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var table = table()
    var closed: [ClosedRound] = []
    for first in stride(from: UInt64(0), to: 120, by: 40) {
      for agent in 0..<3 {
        // Mostly in order, as agents send them.
        var samples = Array(first..<first + 40)
        if agent != 1 { for _ in 0..<agent + 2 { samples.swapAt(.random(in: 0..<40, using: &generator), 0) } }
        for start in [0, 16, 32] {
          let part = samples[start..<min(start + 16, 40)]
          let actions = table.contributed(
            batch(Array(part), from: agent, part.map { Float($0) * 10 + Float(agent) }), by: agent, at: .zero)
          #expect(statuses(actions) == part.map { _ in .accepted }, "seed \(seed)")
          closed += actions.closed
        }
        let again = table.contributed(
          batch([samples[7]], from: agent, [Float(samples[7]) * 10 + Float(agent)]), by: agent, at: .zero)
        #expect(statuses(again) == [.duplicate], "seed \(seed)")
      }
    }
    #expect(closed.map(\.sample).sorted() == Array(0..<120) && table.openCount == 0, "seed \(seed)")
    for round in closed {
      let first = Float(round.sample) * 10
      #expect(round.embedding == [first, first, first + 1, first + 2, first + 2, first + 2], "seed \(seed)")
    }
  }

  @Test func aBatchMixesOutcomes() throws {
    var table = table()
    _ = table.contributed(batch([1, 2], from: 1, [5, 6]), by: 1, at: .zero)
    var mixed = Copur_V1_ContributeRequest()
    mixed.session = "s"
    mixed.samples = [1, 2, 3, 3, 4]
    mixed.values = [5, 7, 8, 8, .nan]
    let actions = table.contributed(
      try BlockBatch(mixed, agent: roster.agents[1], width: 1, maximumSamples: 100), by: 1, at: .zero)
    #expect(statuses(actions) == [.duplicate, .conflict, .accepted, .duplicate, .invalid])
    #expect(actions.accepted.map(\.position) == [2])
    #expect(actions.receipts[1].reason.contains("agent b"))
    #expect(actions.receipts[4].reason == "agent b: every value is finite (sample 4, value 0: nan)")
  }

  @Test func theDeadlineRunsFromTheFirstBlock() throws {
    var table = table()
    #expect(table.nextDeadline == nil)
    _ = table.contributed(batch([1], from: 0, [1]), by: 0, at: ms(100))
    _ = table.contributed(batch([1], from: 1, [1]), by: 1, at: ms(300))
    #expect(table.nextDeadline == ms(350))
    #expect(table.advanced(to: ms(349)).isEmpty)
    let closed = table.advanced(to: ms(350))
    #expect(closed.map(\.observed) == [[true, true, false]])
    #expect(closed.map(\.embedding) == [[1, 1, 1, 0, 0, 0]])
    #expect(table.nextDeadline == nil)
  }

  @Test func roundsCloseInTheOrderOfTheirDeadlines() throws {
    var table = table()
    for sample in [UInt64(3), 1, 2] {
      _ = table.contributed(batch([sample], from: 0, [1]), by: 0, at: ms(Int(10 - sample)))
    }
    // Complete ahead of the others.
    _ = table.contributed(batch([1], from: 1, [1]), by: 1, at: ms(20))
    #expect(table.contributed(batch([1], from: 2, [1]), by: 2, at: ms(20)).closed.map(\.sample) == [1])
    #expect(table.advanced(to: ms(1000)).map(\.sample) == [3, 2])
  }

  @Test func aBlockAtTheDeadlineIsLate() throws {
    var table = table()
    _ = table.contributed(batch([1], from: 0, [1]), by: 0, at: .zero)
    let late = table.contributed(batch([1], from: 1, [1]), by: 1, at: ms(250))
    #expect(late.closed.map(\.sample) == [1])
    #expect(statuses(late) == [.late] && late.accepted.isEmpty)
    #expect(late.receipts[0].reason == "the round of sample 1 closed without agent b")
  }

  @Test func closedRoundsRememberWhatWasSent() throws {
    var table = table()
    _ = table.contributed(batch([1], from: 0, [1]), by: 0, at: .zero)
    _ = table.advanced(to: ms(250))
    #expect(statuses(table.contributed(batch([1], from: 0, [1]), by: 0, at: ms(300))) == [.duplicate])
    #expect(statuses(table.contributed(batch([1], from: 0, [2]), by: 0, at: ms(300))) == [.conflict])
    #expect(statuses(table.contributed(batch([1], from: 2, [1]), by: 2, at: ms(300))) == [.late])
    #expect(table.openCount == 0)
  }

  @Test func forgottenRoundsStayClosed() throws {
    var limits = RoundLimits()
    limits.rememberedRounds = 2
    var table = table(limits: limits)
    for sample in UInt64(1)...3 {
      _ = table.contributed(batch([sample], from: 0, [1]), by: 0, at: .zero)
    }
    #expect(table.advanced(to: ms(250)).count == 3)
    let late = table.contributed(batch([1, 2], from: 0, [1, 1]), by: 0, at: ms(300))
    #expect(statuses(late) == [.late, .duplicate])
    #expect(late.receipts[0].reason.contains("no more is known"))
    #expect(throws: RoundRefusal.forgotten(session: "s", sample: 1, remembered: 2)) {
      try table.requested(session: "s", defense: nil, samples: [3, 1], at: ms(300))
    }
  }

  @Test func anInvalidBlockOpensNothingAndAValidOneMayFollow() throws {
    var table = table()
    #expect(statuses(table.contributed(batch([1], from: 0, [.infinity]), by: 0, at: .zero)) == [.invalid])
    #expect(table.openCount == 0 && table.nextDeadline == nil)
    #expect(statuses(table.contributed(batch([1], from: 0, [1]), by: 0, at: ms(10))) == [.accepted])
    #expect(table.nextDeadline == ms(260))
  }

  @Test func sessionsDoNotMix() throws {
    var table = table()
    for agent in 0..<3 {
      let session = agent == 2 ? "t" : "s"
      #expect(table.contributed(batch([1], from: agent, [1], in: session), by: agent, at: .zero).closed.isEmpty)
    }
    #expect(table.openCount == 2)
  }
}

@Suite struct RoundTableRequestTests {
  @Test func roundsThatNobodySpeaksInCloseWhenTheSessionIsIdle() throws {
    var table = table()
    let opened = try table.requested(session: "s", defense: 1, samples: [5, 2, 9], at: ms(100))
    #expect(opened.defense == 1 && opened.decided.isEmpty && opened.pending == [5, 2, 9])
    #expect(table.nextDeadline == ms(2600) && table.requestedCount == 3)
    // A block of one sample keeps the others waiting for longer.
    _ = table.contributed(batch([2], from: 0, [1]), by: 0, at: ms(2000))
    #expect(table.advanced(to: ms(2600)).map(\.sample) == [2])
    #expect(table.nextDeadline == ms(4500))
    #expect(table.advanced(to: ms(4499)).isEmpty)
    let closed = table.advanced(to: ms(4500))
    #expect(closed.map(\.sample) == [5, 9] && closed.allSatisfy { $0.observed == [false, false, false] })
    #expect(closed.allSatisfy { $0.defense == 1 })
    #expect(table.requestedCount == 0 && table.nextDeadline == nil)
    #expect(statuses(table.contributed(batch([5], from: 0, [1]), by: 0, at: ms(5000))) == [.late])
  }

  /// 465 rounds asked for at once, taken one after the other: none is closed before its turn.
  @Test func slowAgentsKeepTheirTurn() throws {
    var table = table()
    _ = try table.requested(session: "s", defense: nil, samples: Array(0..<465), at: .zero)
    for sample in UInt64(0)..<465 {
      let now = ms(2000 * Int(sample))
      for agent in 0..<3 {
        let actions = table.contributed(batch([sample], from: agent, [1]), by: agent, at: now)
        #expect(statuses(actions) == [.accepted])
        #expect(actions.closed.count == (agent == 2 ? 1 : 0))
      }
    }
  }

  @Test func verdictsThatExistAreGivenAtOnce() throws {
    var table = table()
    _ = table.contributed(batch([1, 2, 3], from: 0, [1, 1, 1]), by: 0, at: .zero)
    _ = table.advanced(to: ms(250))
    let verdict = Verdict(
      session: "s", sample: 2, modelVersion: "m1", defense: "first", contributed: [roster.agents[0]],
      missing: Array(roster.agents[1...]), decision: Decision(label: 0, probabilities: [1]))
    table.decided([verdict])
    let opened = try table.requested(session: "s", defense: 0, samples: [1, 2, 4], at: ms(300))
    #expect(opened.decided == [verdict])
    #expect(opened.pending == [1, 4])
  }

  @Test func aSessionKeepsItsDefence() throws {
    var table = table()
    _ = try table.requested(session: "s", defense: 1, samples: [1], at: .zero)
    #expect(throws: RoundRefusal.otherDefense(session: "s", defense: "second", requested: "first")) {
      try table.requested(session: "s", defense: 0, samples: [2], at: .zero)
    }
    #expect(try table.requested(session: "s", defense: nil, samples: [2], at: .zero).defense == 1)
    // A block opens a session with the first.
    _ = table.contributed(batch([1], from: 0, [1], in: "t"), by: 0, at: .zero)
    #expect(throws: RoundRefusal.otherDefense(session: "t", defense: "first", requested: "second")) {
      try table.requested(session: "t", defense: 1, samples: [1], at: .zero)
    }
  }

  @Test func aRefusedRequestChangesNothing() throws {
    var limits = RoundLimits()
    limits.requestedRounds = 2
    var table = table(limits: limits)
    #expect(throws: RoundRefusal.tooManyRequestedRounds(limit: 2, requested: 3)) {
      try table.requested(session: "s", defense: 0, samples: [1, 2, 3], at: .zero)
    }
    #expect(table.requestedCount == 0)
    // Had the session been opened, it would have kept the first defence.
    #expect(try table.requested(session: "s", defense: 1, samples: [1], at: .zero).defense == 1)
  }

  @Test func askingTwiceIsOneRound() throws {
    var table = table()
    _ = try table.requested(session: "s", defense: nil, samples: [1, 2], at: .zero)
    _ = try table.requested(session: "s", defense: nil, samples: [2, 3], at: .zero)
    #expect(table.requestedCount == 3)
    #expect(table.advanced(to: ms(2500)).map(\.sample) == [1, 2, 3])
  }
}

@Suite struct RoundTableLimitTests {
  @Test func openRoundsAreBounded() throws {
    var limits = RoundLimits()
    limits.openRounds = 3
    var table = table(limits: limits)
    let actions = table.contributed(batch([1, 2, 4, 5], from: 0, [1, 1, 1, 1]), by: 0, at: .zero)
    #expect(statuses(actions) == [.accepted, .accepted, .accepted] && actions.taken == 3)
    #expect(actions.refusal == .tooManyOpenRounds(limit: 3))
    // A round that is open still takes blocks.
    #expect(table.contributed(batch([1], from: 1, [1]), by: 1, at: .zero).refusal == nil)
    _ = table.advanced(to: ms(250))
    #expect(statuses(table.contributed(batch([3], from: 0, [1]), by: 0, at: ms(250))) == [.accepted])
  }

  @Test func sessionsAreBounded() throws {
    var limits = RoundLimits()
    limits.sessions = 3
    var table = table(limits: limits)
    for name in ["s", "t", "u"] {
      _ = try table.requested(session: name, defense: nil, samples: [1], at: .zero)
    }
    let actions = table.contributed(batch([1], from: 0, [1], in: "v"), by: 0, at: .zero)
    #expect(actions.refusal == .tooManySessions(limit: 3) && actions.receipts.isEmpty)
  }

  /// Beyond the limit a session took no new round for good, until a restart.
  @Test func scatteredSamplesAreBounded() throws {
    var limits = RoundLimits()
    limits.gapsPerSession = 4
    var table = table(limits: limits)
    for sample in [UInt64(0), 10, 12, 20, 30] {
      #expect(table.contributed(batch([sample], from: 0, [1]), by: 0, at: ms(Int(sample))).refusal == nil)
    }
    _ = table.advanced(to: ms(1000))
    let actions = table.contributed(batch([40], from: 0, [1]), by: 0, at: ms(1000))
    #expect(actions.refusal == nil && statuses(actions) == [.accepted])
    // The gaps between 10 and 12 and, of the others, the narrowest.
    #expect(statuses(table.contributed(batch([11, 15], from: 0, [1, 1]), by: 0, at: ms(1000))) == [.late, .late])
    #expect(
      statuses(table.contributed(batch([5, 25], from: 0, [1, 1]), by: 0, at: ms(1000))) == [.accepted, .accepted])
  }

  @Test func drainingFinishesWhatIsOpenAndOpensNothing() throws {
    var table = table()
    _ = try table.requested(session: "s", defense: nil, samples: [1, 2], at: .zero)
    _ = table.contributed(batch([1], from: 0, [1]), by: 0, at: .zero)
    #expect(table.drainBegan(at: .zero).isEmpty)
    #expect(table.requestedCount == 0 && table.openCount == 1 && table.isDraining)
    let actions = table.contributed(batch([1, 2], from: 1, [1, 1]), by: 1, at: ms(10))
    #expect(statuses(actions) == [.accepted] && actions.refusal == .draining)
    #expect(table.contributed(batch([1], from: 1, [1], in: "new"), by: 1, at: ms(10)).refusal == .draining)
    #expect(throws: RoundRefusal.draining) {
      try table.requested(session: "s", defense: nil, samples: [3], at: ms(10))
    }
    #expect(table.advanced(to: ms(250)).map(\.sample) == [1])
    #expect(table.openCount == 0 && table.nextDeadline == nil)
  }

}

@Suite struct RoundTableSilenceTests {
  /// A sensor without a reading used to cost each of its rounds the whole deadline.
  @Test func aSilenceIsNotWaitedFor() throws {
    var table = table()
    _ = table.contributed(batch([1], from: 0, [1]), by: 0, at: ms(0))
    let silent = table.contributed(silence([1, 2]), by: 1, at: ms(1))
    #expect(statuses(silent) == [.accepted, .accepted] && silent.accepted.isEmpty && silent.closed.isEmpty)
    let last = table.contributed(batch([1], from: 2, [3]), by: 2, at: ms(2))
    let round = try #require(last.closed.first)
    #expect(round.observed == [true, false, true] && round.embedding == [1, 1, 0, 3, 3, 3])
    // The other round was opened by the silence, and waits for the others as long as any.
    #expect(table.advanced(to: ms(250)).isEmpty)
    #expect(table.advanced(to: ms(251)).first?.observed == [false, false, false])
  }

  @Test func aSilenceSaidTwiceAndAgainstABlock() {
    var table = table()
    #expect(statuses(table.contributed(silence([1]), by: 1, at: .zero)) == [.accepted])
    #expect(statuses(table.contributed(silence([1]), by: 1, at: .zero)) == [.duplicate])
    #expect(statuses(table.contributed(batch([1], from: 1, [5]), by: 1, at: .zero)) == [.conflict])
    _ = table.contributed(batch([1], from: 0, [1]), by: 0, at: .zero)
    #expect(statuses(table.contributed(silence([1]), by: 0, at: .zero)) == [.conflict])
    #expect(table.contributed(batch([1], from: 2, [1]), by: 2, at: .zero).closed.count == 1)
    // Closed: without agent 1, as it said; with the others.
    #expect(statuses(table.contributed(silence([1]), by: 1, at: .zero)) == [.duplicate])
    #expect(statuses(table.contributed(silence([1]), by: 2, at: .zero)) == [.conflict])
  }

  @Test func aRoundOfWhichNobodyHasAReadingClosesAtOnce() throws {
    var table = table()
    _ = try table.requested(session: "s", defense: nil, samples: [9], at: .zero)
    for agent in 0..<2 { #expect(table.contributed(silence([9]), by: agent, at: .zero).closed.isEmpty) }
    let closed = table.contributed(silence([9]), by: 2, at: .zero).closed
    #expect(closed.map(\.observed) == [[false, false, false]] && table.openCount == 0)
  }
}

/// A message of samples without a block.
func silence(_ samples: [UInt64]) -> BlockBatch {
  var message = Copur_V1_ContributeRequest()
  message.session = "s"
  message.silent = samples
  do {
    return try BlockBatch(message, agent: roster.agents[1], width: 1, maximumSamples: 100)
  } catch {
    preconditionFailure("a message of the tests: \(error)")
  }
}
