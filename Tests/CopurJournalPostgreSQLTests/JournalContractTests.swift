import CopurCore
import CopurFusionCenter
import CopurJournalPostgreSQL
import CopurJournalSQLite
import Foundation
import Testing

/// The promises of a journal, kept by every kind alike.
@Suite(.serialized) struct JournalContractTests {
  enum Kind: String, CaseIterable, Sendable {
    case sqlite
    case postgresql
  }

  /// Runs a test with a kind, the place of a journal that is not there yet, and a folder.
  private func with(
    _ kind: Kind, _ body: (any JournalKind, JournalLocation, URL) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "copur-contract-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    switch kind {
    case .sqlite:
      try await body(SQLiteJournalKind(), JournalLocation(folder.appending(path: "journal.sqlite").path), folder)
    case .postgresql:
      try await Database.with { database in
        try await body(PostgreSQLJournalKind(archive: SQLiteJournalKind()), JournalLocation(database.url()), folder)
      }
    }
  }

  private func group(_ samples: [UInt64], decided: [UInt64] = [], in session: String = "s") -> JournalGroup {
    var group = JournalGroup()
    if !samples.isEmpty { group.append(contribution(samples, samples.map(Float.init), in: session)) }
    group.verdicts = decided.map { verdict($0, Decision(label: 1, probabilities: [0, 1]), in: session) }
    return group
  }

  /// Opens a journal for writing once the last writer has let go of it, which a file shows by the descriptors of this process.
  private func opened(_ kind: any JournalKind, _ location: JournalLocation) async throws -> any Journal {
    let files = FileManager.default
    while try files.contentsOfDirectory(atPath: "/proc/self/fd").contains(where: {
      (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == location.text
    }) { try await Task.sleep(for: .milliseconds(10)) }
    return try await kind.journal(at: location, roster: roster)
  }

  private func rounds(_ reader: any JournalReader, in session: String? = nil) async throws -> [JournalRound] {
    var rounds: [JournalRound] = []
    try await reader.forEachRound(session: session) { rounds.append($0) }
    return rounds
  }

  /// Two sessions: "s" with decided, given up and open rounds, some of them in one contribution; and "t".
  private func fill(_ kind: any JournalKind, _ location: JournalLocation) async throws {
    let journal = try await opened(kind, location)
    #expect(try await journal.recover(remembering: 10).sessions.isEmpty)
    try await journal.append(group([1, 2, 3, .max], decided: [1]))
    try await journal.append(group([7, 8], decided: [7, 8], in: "t"))
    var abortion = group([], decided: [2])
    abortion.abortions = [JournalGroup.Abortion(session: "s", defense: "toy", samples: [.max], reason: "tried")]
    try await journal.append(abortion)
  }

  @Test(
    "What was appended is told of as it was, to readers and to the next writer", .timeLimit(.minutes(1)),
    arguments: Kind.allCases)
  func recovery(_ kind: Kind) async throws {
    try await with(kind) { kind, location, _ in
      let missing = await #expect(throws: CopurError.self) { try await kind.reader(at: location) }
      #expect(missing?.code == .missingInput)
      try await fill(kind, location)
      do {
        let reader = try await kind.reader(at: location)
        let report = try await reader.verify()
        #expect(report.faults == [] && report.sessions == 2 && report.blocks == 6)
        #expect(report.decided == 4 && report.aborted == 1 && report.open == 1)
        #expect(try #require(report.bytesPerRound) > 100)
        let all = try await rounds(reader)
        #expect(all.map(\.sample) == [1, 7, 8, 2, .max, 3])
        #expect(all.map(\.status) == [.decided, .decided, .decided, .decided, .aborted, .open])
        #expect(
          all.allSatisfy { $0.contributed == [roster.agents[1]] && $0.defense == "toy" && $0.modelVersion == "m1" })
        #expect(all[4].reason == "tried")
        #expect(try await rounds(reader, in: "t").map(\.sample) == [7, 8])
      }
      let journal = try await opened(kind, location)
      let recovery = try await journal.recover(remembering: 3)
      #expect(recovery.sessions.map(\.name) == ["s", "t"] && recovery.sessions[0].closed.numbers == [1, 2, .max])
      #expect(recovery.decided.map(\.verdict.sample) == [7, 8, 2])
      #expect(recovery.decided.map { $0.hashes[roster.agents[1]] } == [7, 8, 2].map { BlockHash.of([Float($0)][...]) })
      #expect(recovery.open.map(\.sample) == [3] && recovery.open[0].blocks.map(\.values) == [[3]])
      let second = await #expect(throws: CopurError.self) { try await kind.journal(at: location, roster: roster) }
      #expect(second?.code == .unavailable)
      try await journal.append(group([], decided: [3]))
      #expect(try await kind.reader(at: location).verify().open == 0)
    }
  }

  @Test(
    "Pruned rounds are gone and stay closed; the others stay as they were", .timeLimit(.minutes(1)),
    arguments: Kind.allCases)
  func pruning(_ kind: Kind) async throws {
    try await with(kind) { kind, location, _ in
      try await fill(kind, location)
      let (old, now) = (Date(timeIntervalSinceNow: -3600), Date(timeIntervalSinceNow: 1))
      let unknown = await #expect(throws: CopurError.self) {
        try await kind.prune(location, JournalPruning(closedBy: now, session: "none"))
      }
      #expect(unknown?.code == .missingInput && unknown?.message.contains("\"none\"") == true)
      #expect(try await kind.prune(location, JournalPruning(closedBy: old)).rounds == 0)
      let planned = try await kind.prune(location, JournalPruning(closedBy: now, session: "s", isDryRun: true))
      #expect(planned.rounds == 3 && planned.bytes > 0)
      #expect(try await rounds(kind.reader(at: location)).count == 6)
      let done = try await kind.prune(location, JournalPruning(closedBy: now, session: "s"))
      #expect(done.rounds == 3 && done.bytes > 0)
      let left = try await rounds(kind.reader(at: location))
      #expect(left.map(\.sample) == [7, 8, 3] && left[2].status == .open)
      #expect(try await kind.prune(location, JournalPruning(closedBy: now)).rounds == 2)
      #expect(try await kind.prune(location, JournalPruning(closedBy: now)).rounds == 0)
      let report = try await kind.reader(at: location).verify()
      #expect(report.faults == [] && report.blocks == 1 && report.open == 1 && report.decided == 0)
      let journal = try await opened(kind, location)
      let recovery = try await journal.recover(remembering: 10)
      #expect(recovery.sessions.map { $0.closed.numbers } == [[1, 2, .max], [7, 8]])
      #expect(recovery.open.map(\.sample) == [3] && recovery.decided.isEmpty)
      // A service that goes on meanwhile is not in the way.
      try await journal.append(group([4], decided: [3]))
      #expect(try await kind.prune(location, JournalPruning(closedBy: now, session: "s")).rounds == 1)
      try await journal.append(group([], decided: [4]))
      #expect(try await kind.reader(at: location).verify().faults == [])
    }
  }

  @Test(
    "A copy is a journal with the same rounds, and never replaces a file", .timeLimit(.minutes(1)),
    arguments: Kind.allCases)
  func backup(_ kind: Kind) async throws {
    try await with(kind) { kind, location, folder in
      let (files, copy) = (SQLiteJournalKind(), folder.appending(path: "copy.sqlite").path)
      let missing = await #expect(throws: CopurError.self) { try await kind.backUp(location, to: copy) }
      #expect(missing?.code == .missingInput)
      try await fill(kind, location)
      _ = try await kind.prune(location, JournalPruning(closedBy: Date(timeIntervalSinceNow: 1), session: "t"))
      let journal = try await opened(kind, location)
      #expect(try await kind.backUp(location, to: copy) > 0)
      try await journal.append(group([9]))
      let reader = try files.reader(at: JournalLocation(copy))
      #expect(try await reader.verify().faults == [])
      let original = try await rounds(kind.reader(at: location))
      #expect(original.count == 5)
      #expect(try await rounds(reader) == original.dropLast())
      let there = await #expect(throws: CopurError.self) { try await kind.backUp(location, to: copy) }
      #expect(there?.code == .cannotCreate)
      let restored = try await files.journal(at: JournalLocation(copy), roster: roster).recover(remembering: 10)
      let recovery = try await journal.recover(remembering: 10)
      #expect(restored.sessions.map(\.name) == recovery.sessions.map(\.name))
      #expect(restored.sessions.map(\.closed) == recovery.sessions.map(\.closed))
      #expect(restored.decided.map(\.verdict) == recovery.decided.map(\.verdict))
      #expect(restored.open.map(\.sample) == [3])
    }
  }
}
