import CopurCore
import CopurFusionCenter
import CopurJournalSQLite
import Foundation
import GRDB
import Testing

@Suite struct JournalPruningTests {
  private let kind: any JournalKind = SQLiteJournalKind()

  /// Rounds 1 to 3 of "s" and 1 of "other": 1 of both and 2 are decided, 3 is given up; 4 of "s" stays open, in the row of the
  /// others; a later group has round 5, decided.
  private func write(to path: String) async throws {
    let journal = try SQLiteJournal(path: path, roster: roster)
    var group = JournalGroup()
    group.append(contribution([1, 2, 3, 4], [1, 2, 3, 4]))
    group.append(contribution([1], [1], in: "other"))
    group.verdicts = [
      verdict(1, Decision(label: 1, probabilities: [0, 1], suspects: [false, true, false])), verdict(2, nil),
      verdict(1, nil, in: "other"),
    ]
    group.abortions = [JournalGroup.Abortion(session: "s", defense: "toy", samples: [3], reason: "another model")]
    try await journal.append(group)
    group = JournalGroup()
    group.append(contribution([5], [5]))
    group.verdicts = [verdict(5, nil)]
    try await journal.append(group)
  }

  private func rounds(of path: String) async throws -> [String] {
    try await letGo(of: path)
    let reader = try SQLiteJournalReader(path: path)
    let report = try reader.verify()
    #expect(report.faults == [])
    var rounds: [String] = []
    try await reader.forEachRound { rounds.append("\($0.session) \($0.sample) \($0.status)") }
    return rounds
  }

  private func prune(_ path: String, session: String? = nil, isDryRun: Bool = false) async throws -> PruningReport {
    try await letGo(of: path)
    return try await kind.prune(
      JournalLocation(path), JournalPruning(closedBy: .now, session: session, isDryRun: isDryRun))
  }

  @Test("Closed rounds go and stay closed; open ones stay, also in a row that they share")
  func closedRounds() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      try await write(to: path)
      let dry = try await prune(path, isDryRun: true)
      #expect(dry.rounds == 5 && dry.bytes > 0)
      #expect(try await rounds(of: path).count == 6)
      let report = try await prune(path)
      #expect(report.rounds == 5 && report.bytes > 0 && report.gaveSpaceBack)
      #expect(try await rounds(of: path) == ["s 4 open"])
      let again = try await prune(path)
      #expect(again.rounds == 0)
      do {
        let journal = try await reopened(path, roster: roster)
        let recovery = try await journal.recover(remembering: 100)
        #expect(recovery.open.map(\.sample) == [4] && recovery.open[0].blocks.map(\.values) == [[4]])
        #expect(recovery.decided.isEmpty && recovery.sessions.map(\.name) == ["s", "other"])
        for sample in [UInt64(1), 2, 3, 5] { #expect(recovery.sessions[0].closed.contains(sample)) }
        #expect(!recovery.sessions[0].closed.contains(4) && recovery.sessions[1].closed.contains(1))
        var group = JournalGroup()
        group.verdicts = [verdict(4, nil)]
        try await journal.append(group)
      }
      #expect(try await rounds(of: path) == ["s 4 undecided"])
    }
  }

  @Test("One session's rounds alone, and no session that is not there")
  func oneSession() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      try await write(to: path)
      #expect(try await prune(path, session: "other").rounds == 1)
      #expect(try await rounds(of: path).allSatisfy { $0.hasPrefix("s ") })
      let error = await #expect(throws: CopurError.self) { try await prune(path, session: "third") }
      #expect(error?.code == .missingInput && error?.message.hasPrefix(path) == true)
    }
  }

  @Test("A round is as old as the journal knows: what was stored since the last moment that it noted stays")
  func ages() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      try await write(to: path)
      try await letGo(of: path)
      // The first group came after the only moment there is, of an empty journal; then one at which it was stored.
      func prune(_ time: TimeInterval) async throws -> Int {
        try await letGo(of: path)
        return try await kind.prune(
          JournalLocation(path), JournalPruning(closedBy: Date(timeIntervalSince1970: time))
        ).rounds
      }
      #expect(try await prune(1_000_000) == 0)
      try await letGo(of: path)
      try await DatabaseQueue(path: path).write { database in
        try database.execute(
          sql: "DELETE FROM moment; INSERT INTO moment VALUES (1000000, 2, 2, 1), (1000060, 3, 3, 1)")
      }
      #expect(try await prune(999_999) == 0)
      #expect(try await prune(1_000_059) == 4)
      #expect(try await rounds(of: path) == ["s 5 undecided", "s 4 open"])
      #expect(try await prune(1_000_060) == 1)
      #expect(try await rounds(of: path) == ["s 4 open"])
    }
  }

  @Test("While a service writes rounds are pruned, its space is kept, and it goes on")
  func whileAServiceWrites() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      try await write(to: path)
      do {
        let journal = try await reopened(path, roster: roster)
        _ = try await journal.recover(remembering: 10)
        let report = try await kind.prune(JournalLocation(path), JournalPruning(closedBy: .now))
        #expect(report.rounds == 5 && !report.gaveSpaceBack)
        var group = JournalGroup()
        group.append(contribution([6], [6]))
        group.verdicts = [verdict(4, nil), verdict(6, nil)]
        try await journal.append(group)
      }
      #expect(try await rounds(of: path) == ["s 4 undecided", "s 6 undecided"])
    }
  }

  @Test("Rounds that were pruned stay closed in what is salvaged, and no gap counts as lost")
  func salvage() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      try await write(to: path)
      _ = try await prune(path)
      let report = try await kind.salvage(JournalLocation(path), to: JournalLocation(folder + "/new"))
      #expect(report.lostRows.isEmpty && report.blocks == 1 && report.lostBlocks == 0 && report.lostVerdicts == 0)
      let recovery = try await reopened(folder + "/new", roster: roster).recover(remembering: 10)
      #expect(recovery.open.map(\.sample) == [4] && recovery.sessions[0].closed.contains(5))
    }
  }

  @Test("A copy is a journal, made while a service writes, and never replaces a file")
  func backup() async throws {
    try await withFolder { folder in
      let (path, copy) = (folder + "/j", folder + "/copy")
      try await write(to: path)
      do {
        let journal = try await reopened(path, roster: roster)
        _ = try await journal.recover(remembering: 10)
        #expect(try await kind.backUp(JournalLocation(path), to: copy) > 4096)
        var group = JournalGroup()
        group.append(contribution([6], [6]))
        try await journal.append(group)
      }
      #expect(try await rounds(of: path).count == 7)
      #expect(try await rounds(of: copy).count == 6)
      let before = try Data(contentsOf: URL(filePath: copy))
      for taken in [copy, path] {
        let error = await #expect(throws: CopurError.self) { try await kind.backUp(JournalLocation(path), to: taken) }
        #expect(error?.code == .cannotCreate && error?.message.contains("it is there") == true)
      }
      #expect(try Data(contentsOf: URL(filePath: copy)) == before)
      let nowhere = await #expect(throws: CopurError.self) {
        try await kind.backUp(JournalLocation(path), to: folder + "/no/such/copy")
      }
      #expect(nowhere?.code == .cannotCreate)
      let journal = try await reopened(copy, roster: roster)
      #expect(try await journal.recover(remembering: 10).open.map(\.sample) == [4])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { !$0.contains("partial") })
    }
  }
}
