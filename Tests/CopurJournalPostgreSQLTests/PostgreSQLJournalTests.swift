import CopurCore
import CopurFusionCenter
import CopurJournalPostgreSQL
import Foundation
import Testing

/// A journal in a PostgreSQL that the test starts, kills and starts again.
@Suite(.serialized) struct PostgreSQLJournalTests {
  private let kind: any JournalKind = PostgreSQLJournalKind()

  private func group(_ samples: [UInt64], decided: [UInt64] = [], in session: String = "s") -> JournalGroup {
    var group = JournalGroup()
    group.append(contribution(samples, samples.map(Float.init), in: session))
    group.verdicts = decided.map { verdict($0, Decision(label: 1, probabilities: [0, 1]), in: session) }
    return group
  }

  @Test("What was appended comes back as it was, and is listed and checked", .timeLimit(.minutes(1)))
  func rounds() async throws {
    try await Database.with { database in
      let location = JournalLocation(database.url())
      let missing = await #expect(throws: CopurError.self) { try await kind.reader(at: location) }
      #expect(missing?.code == .missingInput)
      let probabilities: [Float] = [0.25, 0.5, 0.25]
      let decisions: [Decision?] = [
        nil, Decision(label: 1, probabilities: probabilities),
        Decision(label: 2, probabilities: [0, 0, 1], residuals: [nil, 0.125, nil], converged: false, objective: 3.5),
        Decision(label: 1, probabilities: probabilities, suspects: [false, true, false], gate: .withheld),
        Decision(label: 1, probabilities: probabilities, objective: 2, certifiedAgents: 3),
      ]
      let samples = decisions.indices.map(UInt64.init)
      let verdicts = zip(samples, decisions).map { verdict($0, $1) } + [verdict(.max, decisions[1], in: "other")]
      do {
        let journal = try await kind.journal(at: location, roster: roster)
        #expect(journal.isDurable)
        #expect(try await journal.recover(remembering: 10).sessions.isEmpty)
        var first = group(samples + [70, 71])
        first.append(contribution([.max], [1], in: "other"))
        first.verdicts = verdicts
        try await journal.append(first)
        var second = JournalGroup()
        second.abortions = [JournalGroup.Abortion(session: "s", defense: "toy", samples: [70], reason: "another model")]
        try await journal.append(second)
        // Readers are welcome, a second service is not.
        let reader = try await kind.reader(at: location)
        let report = try await reader.verify()
        #expect(report.faults == [] && report.sessions == 2 && report.blocks == 8)
        #expect(report.decided == 6 && report.aborted == 1 && report.open == 1)
        var rounds: [JournalRound] = []
        try await reader.forEachRound { rounds.append($0) }
        #expect(rounds.count == 8 && rounds[6].status == .aborted && rounds[6].reason == "another model")
        #expect(rounds[7].status == .open && rounds[7].sample == 71 && rounds[3].suspects == [roster.agents[1]])
        let third = await #expect(throws: CopurError.self) { try await kind.journal(at: location, roster: roster) }
        #expect(third?.code == .unavailable && third?.message.contains("another fusion center") == true)
        // Another schema is another journal.
        let other = JournalLocation(database.url("&schema=copur_2"))
        try await kind.journal(at: other, roster: roster).append(group([1]))
        #expect(try await kind.reader(at: other).verify().blocks == 1)
      }
      let journal = try await kind.journal(at: location, roster: roster)
      let all = try await journal.recover(remembering: 100)
      #expect(all.decided.map(\.verdict) == verdicts)
      #expect(all.decided[3].hashes == [roster.agents[1]: BlockHash.of([Float(3)][...])])
      #expect(all.open.map(\.sample) == [71] && all.open[0].blocks.map(\.values) == [[71]])
      #expect(all.sessions.map(\.name) == ["s", "other"] && all.sessions.map(\.defense) == ["toy", "toy"])
      #expect(all.sessions[0].closed.contains(70) && !all.sessions[0].closed.contains(71))
      let some = try await journal.recover(remembering: 2)
      #expect(some.decided.map(\.verdict) == Array(verdicts.suffix(2)) && some.open.map(\.sample) == [71])
      #expect(some.sessions[0].closed == all.sessions[0].closed)
    }
  }

  @Test(
    "A database that is killed loses nothing, and a group that is appended again is stored once",
    .timeLimit(.minutes(1)))
  func outage() async throws {
    try await Database.with { database in
      let location = JournalLocation(database.url())
      let journal = try await kind.journal(at: location, roster: roster)
      _ = try await journal.recover(remembering: 10)
      try await journal.append(group([1], decided: [1]))
      try await database.stop()
      for _ in 0..<2 {
        await #expect(throws: JournalUnreachable.self) { try await journal.append(group([2], decided: [2])) }
      }
      try await database.start()
      try await journal.append(group([2], decided: [2]))
      // The connection alone is lost.
      try await database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'copur'")
      let third = group([3], decided: [3])
      do { try await journal.append(third) } catch is JournalUnreachable {
        var isStored = false
        while !isStored {
          do {
            try await journal.append(third)
            isStored = true
          } catch is JournalUnreachable { try await Task.sleep(for: .milliseconds(20)) }
        }
      }
      let report = try await kind.reader(at: location).verify()
      #expect(report.faults == [] && report.blocks == 3 && report.decided == 3 && report.open == 0)
    }
  }

  @Test("A writer that another has taken over from writes nothing any more", .timeLimit(.minutes(1)))
  func takeover() async throws {
    try await Database.with { database in
      let location = JournalLocation(database.url())
      let first = try await kind.journal(at: location, roster: roster)
      _ = try await first.recover(remembering: 10)
      try await first.append(group([1]))
      // As if its machine had been cut off: the database ends its connection, and it does not know yet.
      try await database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'copur'")
      let second = try await kind.journal(at: location, roster: roster)
      #expect(try await second.recover(remembering: 10).open.map(\.sample) == [1])
      var error: CopurError?
      while error == nil {
        do {
          try await first.append(group([2]))
          Issue.record("it wrote")
          break
        } catch is JournalUnreachable {
          try await Task.sleep(for: .milliseconds(20))
        } catch let failure as CopurError { error = failure }
      }
      #expect(error?.code == .io && error?.message.contains("taken") == true)
      try await second.append(group([3]))
      let again = await #expect(throws: CopurError.self) { try await first.append(group([4])) }
      #expect(again?.message.hasSuffix("the journal has failed before") == true)
      #expect(try await kind.reader(at: location).verify().blocks == 2)
    }
  }

  @Test("A database that may forget, and a schema that holds something else", .timeLimit(.minutes(1)))
  func refusals() async throws {
    try await Database.with { database in
      try await database.query("CREATE SCHEMA taken; CREATE TABLE taken.t (x int)")
      let taken = await #expect(throws: CopurError.self) {
        try await kind.journal(at: JournalLocation(database.url("&schema=taken")), roster: roster)
      }
      #expect(taken?.code == .invalidData && taken?.message.contains("something else than a journal") == true)
      try await database.query("ALTER ROLE copur SET synchronous_commit = off")
      let forgetful = await #expect(throws: CopurError.self) {
        try await kind.journal(at: JournalLocation(database.url()), roster: roster)
      }
      #expect(forgetful?.code == .cannotCreate && forgetful?.message.contains("synchronous_commit") == true)
    }
  }

  @Test(
    "Passwords are in no message",
    arguments: [
      "postgresql://user:s3cr%2Fet@127.0.0.1:1/rounds", "postgresql://user@127.0.0.1:1/rounds?password=s3cr/et",
      "postgresql://user:s3cr%2Fet@127.0.0.1:1/rounds?no_such_setting=1", "postgresql://user:s3cr%2Fet@:x/rounds",
      "postgresql://user:s3cr%2Fet@127.0.0.1:1/rounds?schema=s;x",
    ])
  func passwords(_ url: String) async throws {
    let error = await #expect(throws: CopurError.self) { try await kind.reader(at: JournalLocation(url)) }
    let text = "\(try #require(error)) \(error?.cause.map { "\($0)" } ?? "")"
    #expect(!text.contains("s3cr"), "\(text)")
  }
}
