import CopurCore
import CopurFusionCenter
import CopurJournalSQLite
import Foundation
import Testing

/// A row that was acknowledged and is not there any more is said, and never taken for the end of the journal.
@Suite struct AcknowledgedRowsTests {
  /// The files of a journal as a service that was killed leaves them: 40 groups, most of them in the WAL alone.
  private func killed(in folder: String) async throws -> String {
    let path = folder + "/live"
    let copy = folder + "/j"
    let journal = try SQLiteJournal(path: path, roster: roster)
    for sample in 0..<40 as Range<UInt64> {
      var group = JournalGroup()
      group.append(contribution([sample], [Float(sample)]))
      group.verdicts = [verdict(sample, Decision(label: 1, probabilities: [0, 1], suspects: [false, false, false]))]
      try await journal.append(group)
    }
    for suffix in ["", "-wal", "-acknowledged"] {
      try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
    }
    withExtendedLifetime(journal) {}
    return copy
  }

  private func flip(_ path: String, at share: Double) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[Int(share * Double(bytes.count))] ^= 0xFF
    try bytes.write(to: URL(filePath: path))
  }

  @Test func aJournalOfAServiceThatWasKilledIsWhole() async throws {
    try await withFolder { folder in
      let path = try await killed(in: folder)
      #expect(try SQLiteJournalReader(path: path).verify().faultCount == 0)
      _ = try SQLiteJournal(path: path, roster: roster)
    }
  }

  @Test(arguments: ["no WAL", "half a WAL", "a byte of the WAL", "an empty file", "no file"])
  func whatIsMissingIsSaid(_ damage: String) async throws {
    // SQLite takes all of these for a journal that ends early, or a new one: 7,008 blocks were missing without a word.
    try await withFolder { folder in
      let path = try await killed(in: folder)
      switch damage {
      case "no WAL": try FileManager.default.removeItem(atPath: path + "-wal")
      case "half a WAL":
        let wal = try FileHandle(forWritingTo: URL(filePath: path + "-wal"))
        try wal.truncate(atOffset: wal.seekToEnd() / 2)
      case "a byte of the WAL": try flip(path + "-wal", at: 0.5)
      case "an empty file":
        try Data().write(to: URL(filePath: path))
        try FileManager.default.removeItem(atPath: path + "-wal")
      default:
        for suffix in ["", "-wal"] { try FileManager.default.removeItem(atPath: path + suffix) }
      }
      let error = #expect(throws: CopurError.self) { _ = try SQLiteJournal(path: path, roster: roster) }
      #expect(error?.code == .invalidData)
      #expect(error?.message.contains("acknowledged are missing (last: 40, there: ") == true, "\(error!)")
      // Of a service that never came to its first checkpoint, even the tables are in the WAL.
      if damage == "no WAL" { #expect(throws: CopurError.self) { try SQLiteJournalReader(path: path) } }
      if ["half a WAL", "a byte of the WAL"].contains(damage) {
        let report = try SQLiteJournalReader(path: path).verify()
        #expect(report.faultCount >= 2 && report.faults.contains { $0.contains("acknowledged are missing") })
      }
      // Who has read that and wants to go on removes the file that the message names.
      try FileManager.default.removeItem(atPath: path + "-acknowledged")
      _ = try SQLiteJournal(path: path, roster: roster)
    }
  }

  @Test func anythingElseUnderTheNameIsRefused() async throws {
    try await withFolder { folder in
      let path = try await killed(in: folder)
      for text in ["", "hello", "copur-journal-acknowledged/1 1 2", "copur-journal-acknowledged/1 1 2 3"] {
        try Data(text.utf8).write(to: URL(filePath: path + "-acknowledged"))
        let error = #expect(throws: CopurError.self) { _ = try SQLiteJournal(path: path, roster: roster) }
        #expect(error?.code == .invalidData && error?.message.contains("\(path)-acknowledged") == true)
      }
    }
  }
}
