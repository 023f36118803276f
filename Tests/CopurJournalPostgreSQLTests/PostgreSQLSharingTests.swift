import CopurCore
import CopurFusionCenter
import CopurJournalPostgreSQL
import Foundation
import Testing

/// Several centers that write to one schema.
@Suite(.serialized) struct PostgreSQLSharingTests {
  private func center(_ address: String, _ database: Database, lease: String = "10") async throws -> PostgreSQLJournal {
    let journal = try await PostgreSQLJournal(
      at: JournalLocation(database.url("&lease=\(lease)")), roster: roster, address: address)
    return journal
  }

  private func group(
    _ samples: [UInt64], decided: [UInt64] = [], in session: String = "s", token: Int64? = nil
  ) -> JournalGroup {
    var group = JournalGroup()
    group.append(contribution(samples, samples.map(Float.init), in: session))
    group.verdicts = decided.map { verdict($0, Decision(label: 1, probabilities: [0, 1]), in: session) }
    group.tokens[session] = token
    return group
  }

  private func recovery(_ claim: SessionClaim) throws -> JournalRecovery {
    guard case .granted(let recovery) = claim else { throw CopurError(.software, "not granted: \(claim)") }
    return recovery
  }

  /// Tries again while the database is not reached: whoever takes over ends the other one's connection.
  private func reached<Result>(_ work: () async throws -> Result) async throws -> Result {
    while true {
      do { return try await work() } catch is JournalUnreachable { try await Task.sleep(for: .milliseconds(20)) }
    }
  }

  /// Renews until sessions of a center that is gone are had.
  private func takenOver(by journal: PostgreSQLJournal) async throws -> LeaseChanges {
    while true {
      if try await journal.renew() {
        let changes = try await journal.reconcile(remembering: 10, takesOver: true)
        if !changes.gone.isEmpty { return changes }
      }
      try await Task.sleep(for: journal.renewalInterval)
    }
  }

  @Test("Centers write at once, each in its own sessions, and readers see one journal", .timeLimit(.minutes(1)))
  func sharing() async throws {
    try await Database.with { database in
      let (a, b) = (try await center("a:1", database), try await center("b:2", database))
      for journal in [a, b] { #expect(try await journal.recover(remembering: 10).tokens.isEmpty) }
      #expect(try recovery(await a.claim("s", remembering: 10)).tokens == ["s": 1])
      #expect(try recovery(await b.claim("t", remembering: 10)).tokens == ["t": 1])
      guard case .held(let holder) = try await b.claim("s", remembering: 10) else {
        Issue.record("a session of two centers")
        return
      }
      #expect(holder.address == "a:1" && !holder.isLate && holder.lease == .seconds(10))
      #expect(try await b.holder(of: "s")?.address == "a:1")
      for session in ["t", "none"] { #expect(try await b.holder(of: session) == nil) }
      let refused = await #expect(throws: SessionsLost.self) { try await b.append(group([1])) }
      #expect(refused?.holders["s"]?.address == "a:1")
      let reader = try await PostgreSQLJournalReader(at: JournalLocation(database.url()))
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for (journal, session) in [(a, "s"), (b, "t")] {
          tasks.addTask {
            for sample in 0..<100 as Range<UInt64> {
              try await journal.append(group([sample], decided: sample % 2 == 0 ? [sample] : [], in: session, token: 1))
            }
          }
        }
        tasks.addTask {
          for _ in 0..<5 {
            let faults = try await reader.verify().faults
            #expect(faults == [])
          }
        }
        try await tasks.waitForAll()
      }
      let report = try await reader.verify()
      #expect(report.faults == [] && report.sessions == 2 && report.blocks == 200)
      #expect(report.decided == 100 && report.open == 100)
      var rounds: [JournalRound] = []
      try await reader.forEachRound { rounds.append($0) }
      for session in ["s", "t"] {
        let samples = rounds.filter { $0.session == session && $0.status == .decided }.map(\.sample)
        #expect(samples == samples.sorted() && samples.count == 50)
      }
      // Each goes on with its own alone.
      let third = await #expect(throws: CopurError.self) { _ = try await center("a:1", database) }
      #expect(third?.code == .unavailable && third?.message.contains("--advertise") == true)
    }
  }

  @Test("A center that does not renew loses its sessions, and what it writes late is refused", .timeLimit(.minutes(2)))
  func takeover() async throws {
    try await Database.with { database in
      let a = try await center("a:1", database, lease: "0.5")
      _ = try await a.recover(remembering: 10)
      _ = try await a.claim("s", remembering: 10)
      try await a.append(group([1, 2], decided: [1], token: 1))
      let b = try await center("b:2", database, lease: "0.5")
      _ = try await b.recover(remembering: 10)
      let taken = try await takenOver(by: b)
      #expect(taken.gone == ["a:1"] && taken.taken.tokens == ["s": 2])
      #expect(taken.taken.open.map(\.sample) == [2] && taken.taken.decided.map(\.verdict.sample) == [1])
      // It wakes up.
      let late = await #expect(throws: SessionsLost.self) {
        try await reached { try await a.append(group([2, 3], decided: [2], token: 1)) }
      }
      #expect(late?.holders["s"]?.address == "b:2")
      try await b.append(group([3], decided: [2], token: 2))
      // What else it does is as before.
      _ = try recovery(await a.claim("u", remembering: 10))
      try await a.append(group([1], in: "u", token: 1))
      // Now the other one rests: the session comes back, but not what was written under the old token.
      let back = try await takenOver(by: a)
      #expect(back.taken.tokens == ["s": 3] && back.taken.open.map(\.sample) == [3])
      await #expect(throws: SessionsLost.self) { try await a.append(group([4], token: 1)) }
      try await a.append(group([4], decided: [3], token: 3))
      let changes = try await reached { try await b.reconcile(remembering: 10, takesOver: false) }
      #expect(changes.lost["s"]?.address == "a:1" && changes.gone == [])
      let report = try await PostgreSQLJournalReader(at: JournalLocation(database.url())).verify()
      #expect(report.faults == [] && report.blocks == 5 && report.decided == 3 && report.open == 2)
    }
  }

  @Test("A center that was stopped in the middle of a transaction holds nobody up", .timeLimit(.minutes(2)))
  func stuck() async throws {
    try await Database.with { database in
      do {
        let a = try await center("a:1", database, lease: "0.5")
        _ = try await a.recover(remembering: 10)
        try await a.append(group([1]))
      }
      let b = try await center("b:2", database, lease: "0.5")
      _ = try await b.recover(remembering: 10)
      // What its connection would hold: the right to write, and its row.
      let stopped = Task {
        try? await database.query(
          """
          BEGIN;
          SELECT pg_advisory_lock(1131368565, hashtext('copur ' || id)) FROM copur.center WHERE address = 'a:1';
          UPDATE copur.center SET groups = groups + 1 WHERE address = 'a:1';
          SELECT pg_sleep(60)
          """)
      }
      while true {
        do {
          try await database.query("SELECT 1 / count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
          break
        } catch { try await Task.sleep(for: .milliseconds(20)) }
      }
      let taken = try await takenOver(by: b)
      #expect(taken.taken.tokens == ["s": 2] && taken.taken.open.map(\.sample) == [1])
      await stopped.value
      try await b.append(group([2], token: 2))
    }
  }

  @Test("A database that was away takes no session from anybody", .timeLimit(.minutes(2)))
  func outage() async throws {
    try await Database.with { database in
      let centers = [try await center("a:1", database, lease: "2"), try await center("b:2", database, lease: "2")]
      for (center, session) in zip(centers, ["s", "t"]) {
        _ = try await center.recover(remembering: 10)
        _ = try await center.claim(session, remembering: 10)
        try await center.append(group([1], in: session, token: 1))
        _ = try await center.renew()
      }
      try await database.stop()
      await #expect(throws: JournalUnreachable.self) { try await centers[0].claim("u", remembering: 10) }
      try await Task.sleep(for: .seconds(2))
      try await database.start()
      for center in centers { while (try? await center.renew()) == nil {} }
      for (center, session) in zip(centers, ["s", "t"]) {
        var changes: LeaseChanges?
        while changes == nil { changes = try? await center.reconcile(remembering: 10, takesOver: true) }
        #expect(changes?.lost.isEmpty == true && changes?.gone == [])
        try await center.append(group([2], in: session, token: 1))
      }
    }
  }
}
