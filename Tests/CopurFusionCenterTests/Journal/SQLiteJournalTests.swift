import CopurCore
import CopurFusionCenter
import CopurNumerics
import CopurWire
import Foundation
import GRDB
import GRPCCore
import Testing

/// A folder that is gone after the test.
func withFolder(_ body: (String) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder.path)
}

/// Blocks of agent "b", a float each.
func contribution(_ samples: [UInt64], _ values: [Float], in session: String = "s") -> JournalGroup.Contribution {
  JournalGroup.Contribution(
    session: session, defense: "toy", modelVersion: "m1", agent: roster.agents[1], samples: samples,
    hashes: values.map { BlockHash.of([$0][...]) }, values: values)
}

private func verdict(_ sample: UInt64, _ decision: Decision?, in session: String = "s") -> Verdict {
  Verdict(
    session: session, sample: sample, modelVersion: "m1", defense: "toy", contributed: [roster.agents[1]],
    missing: [roster.agents[0], roster.agents[2]], decision: decision)
}

@Suite struct SQLiteJournalTests {
  @Test func everyBlockIsThereOnceWhateverWasSentTwice() async throws {
    try await withFolder { folder in
      let path = folder + "/journal.sqlite"
      do {
        let journal = try SQLiteJournal(path: path, roster: roster)
        #expect(journal.isDurable)
        try await withFusionCenter(configuration(), journal: journal) { stub, _ in
          _ = try await stub.verdicts(of: [1, .max]) { _ in
            for (agent, width) in [("a", 2), ("b", 1), ("c", 3)] {
              try await stub.contributing(as: agent) { stream in
                stream.send([1, .max], width: width, [1.5, -2])
                stream.send([1], width: width, [1.5])
                stream.send([1], width: width, [7])
                stream.send([9], width: width, [.nan])
                try await stream.expect([.accepted, .accepted, .duplicate, .conflict, .invalid])
              }
            }
          }
        }
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
        #expect(rows.map { $0["agent"] as String } == ["a", "b", "c"])
        #expect(rows.allSatisfy { $0["session"] == "s" && $0["model"] == "m1" })
        func numbers<Number: BitwiseCopyable>(_ data: Data, _: Number.Type) -> [Number] {
          data.withUnsafeBytes { Array($0.bindMemory(to: Number.self)) }
        }
        #expect(rows.map { numbers($0["samples"], UInt64.self) } == [[1, .max], [1, .max], [1, .max]])
        let values = numbers(rows[2]["payload"], Float.self)
        #expect(values == [1.5, 1.5, 1.5, -2, -2, -2])
        #expect(numbers(rows[2]["hashes"], UInt64.self) == [BlockHash.of(values[..<3]), BlockHash.of(values[3...])])
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
      #expect(all.sessions[0].closed.contains(6) && !all.sessions[0].closed.contains(7))
      // Only the latest are told one by one, and none is open again.
      let some = try await journal.recover(remembering: 2)
      #expect(some.decided.map(\.verdict) == Array(verdicts.suffix(2)) && some.open.isEmpty)
      #expect(some.sessions[0].closed == all.sessions[0].closed)
    }
  }

  @Test func sessionsGoOnAfterARestart() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      try await withFusionCenter(configuration(), journal: SQLiteJournal(path: path, roster: roster)) { stub, _ in
        try await stub.contributing(as: "b") { b in
          b.send([1, 2], width: 1, [1, -2])
          try await b.expect([.accepted, .accepted])
        }
      }
      let clock = ManualClock()
      let first = try await withFusionCenter(
        configuration(), journal: reopened(path, roster: roster), clock: clock
      ) { stub, _ in
        let verdicts = try await stub.verdicts(of: [1, 2]) { _ in
          try await stub.contributing(as: "b") { b in
            b.send([1, 2, 2], width: 1, [1, -2, -3])
            try await b.expect([.duplicate, .duplicate, .conflict])
          }
          for (agent, width) in [("a", 2), ("c", 3)] {
            try await stub.contributing(as: agent) { stream in
              stream.send([1], width: width, [1])
              try await stream.expect([.accepted])
            }
          }
          // The other round's deadline began anew.
          clock.advance(by: .milliseconds(250))
        }
        return verdicts.sorted { $0.sample < $1.sample }
      }
      #expect(first.map(\.contributed) == [roster.agents, [roster.agents[1]]])
      #expect(first.map(\.decision?.label) == [1, 0])
      try await withFusionCenter(configuration(), journal: reopened(path, roster: roster)) { stub, _ in
        let again = try await stub.verdicts(of: [1, 2])
        #expect(again.sorted { $0.sample < $1.sample } == first)
        try await stub.contributing(as: "b") { b in
          b.send([1, 1], width: 1, [1, 2])
          try await b.expect([.duplicate, .conflict])
        }
      }
      try await letGo(of: path)
      let report = try JournalReader(path: path).verify()
      #expect(report.faults == [] && report.blocks == 4 && report.decided == 2)
    }
  }

  @Test func roundsThatAreGivenUpStayGivenUp() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      try await withFusionCenter(configuration(), journal: reopened(path, roster: roster)) { stub, _ in
        try await stub.contributing(as: "b") { b in
          b.send([1], width: 1, [1])
          try await b.expect([.accepted])
        }
      }
      for resumes in [false, true] {
        let center = try await FusionCenter(
          configuration: configuration(), journal: reopened(path, roster: roster),
          resumesOpenRounds: resumes, clock: ManualClock(), logger: quietLogger)
        center.beginDraining()
        try await center.run()
      }
      try await letGo(of: path)
      let reader = try JournalReader(path: path)
      #expect(try reader.verify().faults == [])
      var rounds: [JournalRound] = []
      try reader.forEachRound { rounds.append($0) }
      #expect(rounds.map(\.status) == [.aborted] && rounds.map(\.contributed) == [[roster.agents[1]]])
      #expect(rounds[0].reason?.contains("give up") == true)
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
        #expect(try JournalReader(path: path).verify().blocks == 1)
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
      for (name, version) in [("/older", 1), ("/newer", 3)] {
        do { _ = try SQLiteJournal(path: folder + name, roster: roster) }
        try await letGo(of: folder + name)
        try await DatabaseQueue(path: folder + name).write { try $0.execute(sql: "PRAGMA user_version = \(version)") }
      }
      for (name, code, text) in [
        ("/text", CopurError.Code.invalidData, "SQLite file"), ("/other", .invalidData, "another program"),
        ("/older", .invalidData, "put the file aside and begin a new one (known: 2, actual: 1)"),
        ("/newer", .invalidData, "newer version (known: 2, actual: 3)"), ("/no/such/folder", .cannotCreate, "opened"),
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
  /// but finds a round that is open since then.
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
          try await journal.append(group)
          let attributes = try FileManager.default.attributesOfItem(atPath: path + "-wal")
          longest = max(longest, attributes[.size] as? Int ?? 0)
        }
        #expect(longest > 1 << 20 && longest < 20 << 20, "\(longest)")
      }
      let recovery = try await reopened(path, roster: roster).recover(remembering: 10)
      #expect(recovery.open.count == perGroup + 1)
      #expect(recovery.open.first?.session == "old" && recovery.open.first?.sample == 7)
      #expect(recovery.decided.count == 10 && recovery.sessions.count == 2)
      #expect(recovery.sessions[1].closed.contains(UInt64((groups - 1) * perGroup - 1)))
    }
  }
}

/// Waits until this process has let go of a journal.
///
/// Tasks of a fusion center hold it until they have ended, a moment after the fusion center has. Whoever opens the file before
/// that in the same process loses SQLite's locks as the journal's descriptor is closed, which no two processes do.
private func letGo(of path: String) async throws {
  let files = FileManager.default
  let clock = ContinuousClock()
  let start = clock.now
  while try files.contentsOfDirectory(atPath: "/proc/self/fd").contains(where: {
    (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
  }) {
    // Somebody in the test still holds the journal, and would for as long as one waits.
    try #require(clock.now - start < .seconds(10), "\(path) is still open")
    try await clock.sleep(for: .milliseconds(10))
  }
}

/// A journal that this process has just let go of.
private func reopened(_ path: String, roster: AgentRoster) async throws -> SQLiteJournal {
  try await letGo(of: path)
  return try SQLiteJournal(path: path, roster: roster)
}
