import CopurCore
import CopurFusionCenter
import CopurJournalSQLite
import Foundation
import GRDB
import Testing

@Suite struct SQLiteJournalTests {
  /// The columns are as the schema in the file says, for whoever reads them with SQLite alone.
  @Test func aRowIsWhatAnAgentContributedToASessionInAGroup() async throws {
    try await withFolder { folder in
      let path = folder + "/journal.sqlite"
      do {
        let journal = try SQLiteJournal(path: path, roster: roster)
        #expect(journal.isDurable)
        var group = JournalGroup()
        group.append(contribution([1], [1.5]))
        group.append(contribution([.max], [-2]))
        group.append(contribution([1], [7], in: "other"))
        try await journal.append(group)
      }
      try await letGo(of: path)
      try await DatabaseQueue(path: path).read { database in
        let rows = try Row.fetchAll(
          database,
          sql: """
            SELECT session.name AS session, agent.name AS agent, model.version AS model, samples, hashes, payload
            FROM contribution JOIN session ON session.id = session JOIN agent ON agent.id = agent
            JOIN model ON model.id = model ORDER BY sequence
            """)
        #expect(rows.map { $0["session"] as String } == ["s", "other"])
        #expect(rows.allSatisfy { $0["agent"] == "b" && $0["model"] == "m1" })
        func numbers<Number: BitwiseCopyable>(_ data: Data, _: Number.Type) -> [Number] {
          data.withUnsafeBytes { Array($0.bindMemory(to: Number.self)) }
        }
        #expect(rows.map { numbers($0["samples"], UInt64.self) } == [[1, .max], [1]])
        #expect(numbers(rows[0]["payload"], Float.self) == [1.5, -2])
        #expect(numbers(rows[0]["hashes"], UInt64.self) == [BlockHash.of([1.5]), BlockHash.of([-2])])
        #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal")
      }
    }
  }

  /// Whatever a decision has or has not, it comes back as it was.
  @Test func verdictsComeBackAsTheyWere() async throws {
    let probabilities: [Float] = [0.25, 0.5, 0.25]
    let decisions: [Decision?] = [
      nil, Decision(label: 1, probabilities: probabilities),
      Decision(label: 2, probabilities: [0, 0, 1], residuals: [nil, 0.125, nil], converged: false, objective: 3.5),
      Decision(label: 0, probabilities: [1], residuals: [nil, nil, nil], converged: true, objective: 0),
      Decision(label: 1, probabilities: probabilities, suspects: [false, true, false], gate: .withheld),
      Decision(label: 1, probabilities: probabilities, suspects: [false, false, false], gate: .overruled),
      Decision(label: 1, probabilities: probabilities, converged: true, gate: .passed),
      Decision(label: 1, probabilities: probabilities, certifiedAgents: 0),
      Decision(label: 1, probabilities: probabilities, objective: 2, certifiedAgents: 3),
    ]
    try await withFolder { folder in
      let samples = decisions.indices.map(UInt64.init)
      var verdicts = zip(samples, decisions).map { verdict($0, $1) }
      verdicts.append(verdict(.max, decisions[2], in: "other"))
      do {
        let journal = try SQLiteJournal(path: folder + "/j", roster: roster)
        var group = JournalGroup()
        group.append(contribution(samples, samples.map(Float.init)))
        group.append(contribution([.max], [1], in: "other"))
        group.verdicts = verdicts
        try await journal.append(group)
      }
      let journal = try await reopened(folder + "/j", roster: roster)
      let all = try await journal.recover(remembering: 100)
      #expect(all.decided.map(\.verdict) == verdicts && all.open.isEmpty)
      #expect(all.decided[3].hashes == [roster.agents[1]: BlockHash.of([Float(3)][...])])
      #expect(all.sessions.map(\.name) == ["s", "other"] && all.sessions.map(\.defense) == ["toy", "toy"])
      #expect(all.sessions[0].closed.contains(8) && !all.sessions[0].closed.contains(9))
      // Only the latest are told one by one, and none is open again.
      let some = try await journal.recover(remembering: 2)
      #expect(some.decided.map(\.verdict) == Array(verdicts.suffix(2)) && some.open.isEmpty)
      #expect(some.sessions[0].closed == all.sessions[0].closed)
    }
  }

  @Test func oneServiceWrites() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      do {
        let journal = try SQLiteJournal(path: path, roster: roster)
        let error = #expect(throws: CopurError.self) { try SQLiteJournal(path: path, roster: roster) }
        #expect(error?.code == .unavailable && error?.message.contains("another fusion center") == true)
        try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: path)
        #expect(throws: CopurError.self) { try SQLiteJournal(path: folder + "/link", roster: roster) }
        // Readers are welcome.
        var group = JournalGroup()
        group.append(contribution([1], [1]))
        try await journal.append(group)
        #expect(try SQLiteJournalReader(path: path).verify().blocks == 1)
      }
      _ = try await reopened(path, roster: roster)
    }
  }

  @Test func filesThatAreNoJournal() async throws {
    try await withFolder { folder in
      try Data("not a database, but long enough to be looked at as one".utf8).write(to: URL(filePath: folder + "/text"))
      do {
        let other = try DatabaseQueue(path: folder + "/other")
        try await other.write { try $0.execute(sql: "CREATE TABLE t (x)") }
      }
      for (name, version) in [("/older", 1), ("/newer", 5)] {
        do { _ = try SQLiteJournal(path: folder + name, roster: roster) }
        try await letGo(of: folder + name)
        try await DatabaseQueue(path: folder + name).write { try $0.execute(sql: "PRAGMA user_version = \(version)") }
      }
      for (name, code, text) in [
        ("/text", CopurError.Code.invalidData, "SQLite file"), ("/other", .invalidData, "another program"),
        ("/older", .invalidData, "put the file aside and begin a new one (known: 4, actual: 1)"),
        ("/newer", .invalidData, "newer version (known: 4, actual: 5)"), ("/no/such/folder", .cannotCreate, "opened"),
      ] {
        try await letGo(of: folder + name)
        do {
          _ = try SQLiteJournal(path: folder + name, roster: roster)
          Issue.record("\(name) was opened")
        } catch let error as CopurError {
          #expect(error.code == code && error.message.contains(text), "\(error)")
        }
      }
    }
  }

  /// The WAL is copied into the file long before it is 64 MB long, and a recovery does not read all from the beginning,
  /// but finds a round that is open since then, and rounds of scattered samples with the blocks that came later.
  @Test func theWALStaysShortAndOldOpenRoundsAreFound() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      let (groups, perGroup) = (50, 16_384)
      do {
        let journal = try SQLiteJournal(path: path, roster: roster)
        var group = JournalGroup()
        group.append(contribution([7], [1], in: "old"))
        try await journal.append(group)
        var longest = 0
        for index in 0..<groups {
          let samples = (index * perGroup..<(index + 1) * perGroup).map(UInt64.init)
          group = JournalGroup()
          group.append(contribution(samples, [Float](repeating: 1, count: perGroup)))
          if index + 1 < groups { group.verdicts = samples.map { verdict($0, nil) } }
          let scattered = (0..<4).map { UInt64(index * 4 + $0) * 3 }
          group.append(contribution(scattered, [1, 1, 1, 1], in: "scattered"))
          if index > 0 {
            let before = scattered.map { $0 - 12 }
            group.append(
              JournalGroup.Contribution(
                session: "scattered", defense: "toy", modelVersion: "m1", agent: roster.agents[2], samples: before,
                hashes: before, values: [Float](repeating: 2, count: 12)))
          }
          try await journal.append(group)
          let attributes = try FileManager.default.attributesOfItem(atPath: path + "-wal")
          longest = max(longest, attributes[.size] as? Int ?? 0)
        }
        #expect(longest > 1 << 20 && longest < 20 << 20, "\(longest)")
      }
      let recovery = try await reopened(path, roster: roster).recover(remembering: 10)
      let scattered = recovery.open.filter { $0.session == "scattered" }
      #expect(scattered.count == 4 * groups && scattered.count { $0.blocks.count == 2 } == 4 * (groups - 1))
      #expect(recovery.open.count == perGroup + 1 + scattered.count)
      #expect(recovery.open.first?.session == "old" && recovery.open.first?.sample == 7)
      #expect(recovery.decided.count == 10 && recovery.sessions.count == 3)
      #expect(recovery.sessions[1].closed.contains(UInt64((groups - 1) * perGroup - 1)))
    }
  }

  /// A child that a process forks has its descriptors until it begins its program: a journal that was let go of in between was
  /// refused to the next fusion center as one that another writes to.
  @Test func aForkedChildDoesNotKeepWhatWasLetGoOf() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      var copies: [Int32] = []
      defer { for copy in copies { close(copy) } }
      do {
        let journal = try SQLiteJournal(path: path, roster: roster)
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: "/proc/self/fd") {
          guard (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")) == path else { continue }
          // As in a child: another descriptor of the same opened file.
          copies.append(dup(try #require(Int32(name))))
        }
        withExtendedLifetime(journal) {}
      }
      #expect(!copies.isEmpty)
      let start = ContinuousClock.now
      while true {
        do {
          _ = try SQLiteJournal(path: path, roster: roster)
          break
        } catch let error as CopurError where error.code == .unavailable {
          try #require(.now - start < .seconds(10), "\(error)")
          try await Task.sleep(for: .milliseconds(20))
        }
      }
    }
  }
}
