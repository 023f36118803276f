import CopurCore
import CopurFusionCenter
import CopurJournalSQLite
import Foundation
import Testing

@Suite struct SQLiteJournalKindTests {
  private let registry = JournalRegistry([SQLiteJournalKind()])

  /// A journal that is written by one name is read by every other, and by the file's name on the disk.
  @Test func aPathAndItsURLsAreOneJournal() async throws {
    try await withFolder { folder in
      let path = folder + "/a journal? 100%#1.sqlite"
      let escaped = folder + "/a%20journal%3F%20100%25%231.sqlite"
      let names = [path, "sqlite:" + escaped, "sqlite://" + escaped, "SQLite://" + escaped]
      for (index, name) in names.enumerated() {
        try await letGo(of: path)
        do {
          let journal = try await registry.journal(at: JournalLocation(name), roster: roster)
          let recovery = try await journal.recover(remembering: 10)
          #expect(recovery.open.count == index, "\(name)")
          var group = JournalGroup()
          group.append(contribution([UInt64(index)], [1]))
          try await journal.append(group)
        }
        try await letGo(of: path)
        for other in names {
          let reader = try await registry.reader(at: JournalLocation(other))
          #expect(reader.name == path)
          #expect(try await reader.verify().blocks == index + 1, "\(other) after \(name)")
        }
      }
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }

  @Test(arguments: [
    ("sqlite:rounds.sqlite", "rounds.sqlite"), ("sqlite:./a/../rounds.sqlite", "./a/../rounds.sqlite"),
    ("sqlite:no such/100%.sqlite", "no such/100%.sqlite"), ("sqlite:///no/such", "/no/such"), ("no/such", "no/such"),
    ("./sqlite:x", "./sqlite:x"), ("no such/sqlite:x?y#z", "no such/sqlite:x?y#z"),
  ])
  func theFileThatAMessageNames(_ text: String, _ path: String) async {
    let error = await #expect(throws: CopurError.self) { try await registry.reader(at: JournalLocation(text)) }
    #expect(error?.code == .missingInput && error?.message == "\(path): there is no such journal")
  }

  @Test(arguments: [
    "sqlite:", "sqlite://", "sqlite://host/rounds", "sqlite://rounds.sqlite", "sqlite://user@/rounds",
    "sqlite:rounds?mode=ro", "sqlite:rounds#1", "sqlite:a%00b",
  ])
  func urlsThatNameNoFile(_ text: String) async {
    let location = JournalLocation(text)
    for open in [
      { _ = try await registry.reader(at: location) }, { _ = try await registry.journal(at: location, roster: roster) },
    ] as [() async throws -> Void] {
      let error = await #expect(throws: CopurError.self) { try await open() }
      #expect(error?.code == .invalidArgument && error?.message.hasSuffix("(actual: \"\(text)\")") == true)
    }
  }
}
