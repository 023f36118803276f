import CopurCore
import CopurFusionCenter
import CopurJournalSQLite
import Foundation
import Testing

/// Whole rounds are taken out of a damaged file, and nothing that is not whole.
@Suite struct JournalSalvageTests {
  private static let rounds: UInt64 = 400

  /// A journal that was closed: all of it is in the file.
  private func journal(in folder: String) async throws -> String {
    let path = folder + "/j"
    do {
      let journal = try SQLiteJournal(path: path, roster: roster)
      for sample in 0..<Self.rounds {
        var group = JournalGroup()
        group.append(contribution([sample], [Float(sample)]))
        if sample + 5 < Self.rounds {
          let decision = Decision(
            label: 1, probabilities: [Float](repeating: 0.01, count: 100), suspects: [false, false, false])
          group.verdicts = [verdict(sample, decision)]
        }
        try await journal.append(group)
      }
    }
    try await letGo(of: path)
    return path
  }

  private func salvage(_ path: String) throws -> (SalvageReport, JournalReport) {
    let kind = SQLiteJournalKind()
    let report = try kind.salvage(JournalLocation(path), to: JournalLocation(path + "-new"))
    return (report, try SQLiteJournalReader(path: path + "-new").verify())
  }

  private func change(_ path: String, _ body: (inout Data) -> Void) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    body(&bytes)
    try bytes.write(to: URL(filePath: path))
  }

  @Test func ofAWholeJournalNothingIsLost() async throws {
    try await withFolder { folder in
      let path = try await journal(in: folder)
      let before = try Data(contentsOf: URL(filePath: path))
      let (report, new) = try salvage(path)
      #expect(report.blocks == 400 && report.decided == 395 && report.aborted == 0)
      #expect(report.lostBlocks == 0 && report.lostVerdicts == 0 && report.lostRows.isEmpty)
      #expect(new.faults == [] && new.blocks == 400 && new.decided == 395 && new.open == 5)
      #expect(try Data(contentsOf: URL(filePath: path)) == before)
      // A service goes on with it.
      let opened = try SQLiteJournal(path: path + "-new", roster: roster)
      #expect(try await opened.recover(remembering: 10).open.map(\.sample) == [395, 396, 397, 398, 399])
      let error = #expect(throws: CopurError.self) { try salvage(path) }
      #expect(error?.code == .cannotCreate)
    }
  }

  @Test func theHeaderMayBeDestroyed() async throws {
    try await withFolder { folder in
      let path = try await journal(in: folder)
      try change(path) { $0.replaceSubrange(0..<100, with: Data(repeating: 0xA5, count: 100)) }
      #expect(throws: CopurError.self) { try SQLiteJournalReader(path: path) }
      let (report, new) = try salvage(path)
      #expect(report.headerWasRewritten && report.blocks == 400 && report.decided == 395)
      #expect(new.faults == [] && new.blocks == 400 && new.decided == 395)
    }
  }

  @Test func everyPageMayBeZeroed() async throws {
    try await withFolder { folder in
      let path = try await journal(in: folder)
      let whole = try Data(contentsOf: URL(filePath: path))
      var (unreadable, partial) = (0, 0)
      // The first page holds the names of all tables: without it there is nothing.
      for page in stride(from: 1, to: whole.count / 4096, by: 3) {
        try whole.write(to: URL(filePath: path))
        try change(path) { $0.replaceSubrange(page * 4096..<(page + 1) * 4096, with: Data(count: 4096)) }
        for suffix in ["", "-wal", "-shm", "-acknowledged"] {
          try? FileManager.default.removeItem(atPath: path + "-new" + suffix)
        }
        do {
          let (report, new) = try salvage(path)
          // What was taken out is whole, and what was lost is said.
          #expect(new.faults == [], "page \(page)")
          #expect(new.blocks == report.blocks && new.decided == report.decided)
          let isLost = report.blocks < 400 || report.decided < 395
          #expect(isLost == (!report.lostRows.isEmpty || report.lostBlocks + report.lostVerdicts > 0), "page \(page)")
          // No round whose verdict was lost is open, to be decided a second time.
          if report.decided < 395 { #expect(new.open == 0) }
          if isLost { partial += 1 }
        } catch let error as CopurError {
          #expect(error.code == .invalidData)
          unreadable += 1
        }
      }
      #expect(partial > 10 && unreadable <= 4, "\(partial) \(unreadable)")
    }
  }

  @Test func aBlockThatIsNotItsFingerprintsIsLeftOut() async throws {
    try await withFolder { folder in
      let path = try await journal(in: folder)
      // The bytes of one block: 123 as a float.
      let pattern = withUnsafeBytes(of: Float(123)) { Data($0) }
      let hash = withUnsafeBytes(of: BlockHash.of([123])) { Data($0) }
      try change(path) { bytes in
        let place = bytes.range(of: hash + pattern)!
        bytes[place.upperBound - 1] ^= 1
      }
      let (report, new) = try salvage(path)
      #expect(report.lostBlocks == 1 && report.lostVerdicts == 1 && report.blocks == 399 && report.decided == 394)
      #expect(new.faults == [] && new.blocks == 399)
    }
  }

  @Test func whatIsNoJournalIsRefused() async throws {
    try await withFolder { folder in
      try Data(repeating: 7, count: 8192).write(to: URL(filePath: folder + "/x"))
      for (name, code) in [("x", CopurError.Code.invalidData), ("none", .missingInput)] {
        let error = #expect(throws: CopurError.self) { try salvage("\(folder)/\(name)") }
        // By the name that the user gave, not that of the copy.
        #expect(error?.code == code && error?.message.hasPrefix("\(folder)/\(name)") == true, "\(error!)")
      }
    }
  }
}
