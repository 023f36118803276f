import CopurCore
import CopurFusionCenter
import CopurWire
import GRPCCore
import Testing

/// Fusion centers that share a journal, seen from one of them.
@Suite struct SharedJournalTests {
  private let other = SessionHolder(address: "there:2", unheard: .seconds(1), lease: .seconds(10))

  @Test(
    "A session of another center is refused by that one's address, and later once it is late", .timeLimit(.minutes(1)))
  func refusal() async throws {
    let journal = LeasedJournal()
    journal.give("s", to: other)
    journal.give("late", to: SessionHolder(address: "there:3", unheard: .seconds(6), lease: .seconds(10)))
    try await withFusionCenter(configuration(), journal: journal) { stub, _ in
      let asked = await failure { _ = try await stub.verdicts(of: [1]) }
      #expect(asked?.code == .failedPrecondition)
      #expect(asked?.message.contains("its center: there:2, this one: here:1") == true, "\(asked?.message ?? "")")
      let spoken = await failure {
        try await stub.contributing(as: "b") { b in
          b.send([1], width: 1, [1])
          _ = try await b.next()
        }
      }
      #expect(spoken?.code == .failedPrecondition && spoken?.message == asked?.message)
      let late = await failure { _ = try await stub.verdicts(of: [1], in: "late") }
      #expect(late?.code == .unavailable)
      #expect(
        late?.message.contains("has not renewed its lease for 6.0 s; after 10.0 s") == true, "\(late?.message ?? "")")
      let watched = await failure {
        var request = Copur_V1_WatchRequest()
        request.session = "s"
        try await stub.watch(request) { response in for try await _ in response.messages {} }
      }
      #expect(watched?.code == .failedPrecondition && watched?.message == asked?.message)
      // Nobody's is this one's.
      try await stub.contributing(as: "b") { b in
        b.send([1], width: 1, [1], in: "t")
        try await b.expect([.accepted])
      }
    }
    #expect(journal.blocks(in: "s") == 0 && journal.blocks(in: "t") == 1)
  }

  @Test(
    "Of a session that was lost nothing is stored or acknowledged, and of the others everything",
    .timeLimit(.minutes(1)))
  func loss() async throws {
    let (journal, other) = (LeasedJournal(), other)
    try await withFusionCenter(configuration(), journal: journal) { stub, center in
      let waiting = await failure {
        _ = try await stub.verdicts(of: [1, 9]) { _ in
          try await stub.contributing(as: "b") { b in
            b.send([1], width: 1, [1])
            b.send([1], width: 1, [1], in: "t")
            try await b.expect([.accepted, .accepted])
          }
          // It finds out when it stores the next block.
          journal.give("s", to: other)
          let ended = await failure {
            try await stub.contributing(as: "b") { b in
              b.send([2], width: 1, [2])
              while try await b.next() != nil { Issue.record("a receipt for a session that was lost") }
            }
          }
          #expect(ended?.message.contains("there:2") == true, "\(ended?.message ?? "")")
          try await stub.contributing(as: "b") { b in
            b.send([2], width: 1, [2], in: "t")
            try await b.expect([.accepted])
          }
        }
      }
      // Who waited for its verdicts is told, too.
      #expect(waiting?.code == .failedPrecondition && waiting?.message.contains("there:2") == true)
      #expect(center.isReady && center.status.openRounds == 2)
    }
    #expect(journal.blocks(in: "s") == 1 && journal.blocks(in: "t") == 2)
  }

  @Test("A center whose only session was lost while the journal was away is ready again", .timeLimit(.minutes(1)))
  func lossAfterOutage() async throws {
    let (journal, other, clock) = (LeasedJournal(), other, ManualClock())
    let ticking = Task {
      while !Task.isCancelled {
        clock.advance(by: .milliseconds(10))
        await Task.yield()
      }
    }
    defer { ticking.cancel() }
    try await withFusionCenter(configuration(), journal: journal, clock: clock) { stub, center in
      try await stub.contributing(as: "b") { b in
        b.send([1], width: 1, [1])
        try await b.expect([.accepted])
      }
      journal.give("s", to: other, isAway: true)
      let ended = await failure {
        try await stub.contributing(as: "b") { b in
          b.send([2], width: 1, [2])
          while try await b.next() != nil { Issue.record("a receipt for a session that was lost") }
        }
      }
      #expect(ended?.message.contains("there:2") == true, "\(ended?.message ?? "")")
      // Agents are taken only by a center that is ready.
      while !center.isReady { await Task.yield() }
      _ = try await stub.join(join("a"))
    }
    #expect(journal.blocks(in: "s") == 1)
  }

  @Test(
    "A renewal that says that a session is lost drops it, and one that it was taken over goes on",
    .timeLimit(.minutes(1)))
  func takeover() async throws {
    let (journal, other, clock) = (LeasedJournal(), other, ManualClock())
    try await withFusionCenter(configuration(), journal: journal, clock: clock) { stub, center in
      try await stub.contributing(as: "b") { b in
        b.send([1], width: 1, [1])
        try await b.expect([.accepted])
      }
      journal.give("s", to: other, telling: true)
      while center.status.openRounds > 0 {
        clock.advance(by: .milliseconds(100))
        await Task.yield()
      }
      // There the other agents came, and another block; then that center was gone.
      var recovery = JournalRecovery()
      recovery.tokens["s"] = 3
      recovery.sessions = [JournalRecovery.Session(name: "s", defense: "toy", closed: SampleSet(ranges: [7...7])!)]
      recovery.open = [
        JournalRecovery.Open(
          session: "s", sample: 1,
          blocks: [
            JournalRecovery.Open.Block(agent: roster.agents[1], modelVersion: "m1", values: [1]),
            JournalRecovery.Open.Block(agent: roster.agents[0], modelVersion: "m1", values: [1, 1]),
          ])
      ]
      journal.hand(over: recovery, from: "there:2")
      while center.status.openRounds == 0 {
        clock.advance(by: .milliseconds(100))
        await Task.yield()
      }
      let verdicts = try await stub.verdicts(of: [1]) { _ in
        try await stub.contributing(as: "b") { b in
          b.send([1, 1, 7], width: 1, [1, 2, 3])
          try await b.expect([.duplicate, .conflict, .late])
        }
        try await stub.contributing(as: "c") { c in
          c.send([1], width: 3, [1])
          try await c.expect([.accepted])
        }
      }
      #expect(verdicts.map(\.contributed) == [roster.agents])
    }
    #expect(journal.blocks(in: "s") == 2)
  }
}
