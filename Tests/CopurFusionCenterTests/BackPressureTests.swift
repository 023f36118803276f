import CopurFusionCenter
import CopurWire
import GRPCCore
import Testing

/// Blocks that come faster than the journal takes them.
@Suite struct BackPressureTests {
  @Test func nothingIsTakenThatAStalledJournalOrAFullTableHasNoRoomFor() async throws {
    let journal = HeldJournal()
    var limits = RoundLimits()
    limits.backlog = 16
    limits.openRounds = 64
    let clock = ManualClock()
    try await withFusionCenter(configuration(limits: limits), journal: journal, clock: clock) { stub, _ in
      try await stub.contributing(as: "b") { b in
        for sample in UInt64(0)..<1000 { b.send([sample], width: 1, [1]) }
        var begun = journal.begun.stream.makeAsyncIterator()
        var groups = [await begun.next() ?? 0]
        // Time enough to take them all.
        for _ in 0..<200 { _ = try await stub.join(join("c", width: 3)) }
        #expect(journal.groups.isEmpty)
        journal.release()
        // With the journal free the stream is read on, up to the rounds that may be open.
        let statuses = try await b.statuses(64)
        #expect(statuses == [Copur_V1_Receipt.Status](repeating: .accepted, count: 64))
        while groups.reduce(0, +) < 64, let group = await begun.next() { groups.append(group) }
        #expect(groups.allSatisfy { $0 <= 16 }, "more was taken than the backlog has room for: \(groups)")
        // The journal tells of the verdicts, too, and of what follows.
        clock.advance(by: .milliseconds(250))
        #expect(try await b.statuses(64) == statuses)
      }
    }
  }

  @Test func limitsOnBlocksHoldForRostersOfAnySize() async throws {
    var limits = RoundLimits()
    limits.openBlocks = 9
    let clock = ManualClock()
    try await withFusionCenter(configuration(limits: limits), clock: clock) { stub, center in
      try await stub.contributing(as: "b") { b in
        b.send([1, 2, 3, 4], width: 1, [1, 1, 1, 1])
        try await b.expect([.accepted, .accepted, .accepted])
        #expect(center.status.openRounds == 3)
        clock.advance(by: .milliseconds(250))
        try await b.expect([.accepted])
      }
    }
  }
}
