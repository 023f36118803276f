import CopurCore
import CopurFusionCenter
import CopurWire
import Foundation
import GRDB
import GRPCCore
import SwiftProtobuf
import Testing

/// A folder that is gone after the test.
private func withFolder(_ body: (String) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder.path)
}

@Suite struct SQLiteJournalTests {
  @Test func everyBlockIsThereOnceWhateverWasSentTwice() async throws {
    try await withFolder { folder in
      let path = folder + "/journal.sqlite"
      let journal = try SQLiteJournal(path: path, roster: roster, quorum: 1)
      #expect(journal.isDurable && journal.sessions().isEmpty)
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
      let queue = try DatabaseQueue(path: path)
      try await queue.read { database in
        let rows = try Row.fetchAll(
          database,
          sql: """
            SELECT session.name AS session, sample, agent.name AS agent, hash, payload FROM contribution
            JOIN session ON session.id = session JOIN agent ON agent.id = agent ORDER BY sequence
            """)
        #expect(rows.count == 6)
        #expect(rows.map { $0["agent"] as String } == ["a", "a", "b", "b", "c", "c"])
        #expect(rows.map { UInt64(bitPattern: $0["sample"] as Int64) } == [1, .max, 1, .max, 1, .max])
        #expect(rows.allSatisfy { $0["session"] == "s" })
        let payload: Data = rows[5]["payload"]
        let values = payload.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        #expect(values == [-2, -2, -2])
        #expect(UInt64(bitPattern: rows[5]["hash"] as Int64) == BlockHash.of(values[...]))
        let verdicts = try Row.fetchAll(database, sql: "SELECT sample, label, message FROM verdict ORDER BY sample")
        #expect(verdicts.map { $0["label"] as Int } == [0, 1])
        let verdict = try Verdict(Copur_V1_Verdict(serializedBytes: verdicts[1]["message"] as Data))
        #expect(verdict.sample == 1 && verdict.contributed == roster.agents && verdict.defense == "toy")
        #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal")
      }
    }
  }

  @Test func sessionsOfAnEarlierRunAreClosed() async throws {
    try await withFolder { folder in
      for run in 1...2 {
        let journal = try SQLiteJournal(path: folder + "/j", roster: roster, quorum: 1)
        #expect(journal.sessions() == (run == 1 ? [] : ["s"]))
        try await withFusionCenter(configuration(), journal: journal) { stub, _ in
          try await stub.contributing(as: "b") { b in
            b.send([1], width: 1, [Float(run)])
            try await b.expect([run == 1 ? .accepted : .late])
          }
          let predict = await failure { if run == 2 { _ = try await stub.verdicts(of: [1]) } }
          #expect(predict?.code == (run == 1 ? nil : .failedPrecondition))
        }
      }
    }
  }

  @Test func filesThatAreNoJournal() async throws {
    try await withFolder { folder in
      try Data("not a database, but long enough to be looked at as one".utf8).write(to: URL(filePath: folder + "/text"))
      let other = try DatabaseQueue(path: folder + "/other")
      try await other.write { try $0.execute(sql: "CREATE TABLE t (x)") }
      let newer = try SQLiteJournal(path: folder + "/newer", roster: roster, quorum: 1)
      _ = newer
      try await DatabaseQueue(path: folder + "/newer").write { try $0.execute(sql: "PRAGMA user_version = 2") }
      for (name, code, text) in [
        ("/text", CopurError.Code.invalidData, "SQLite file"), ("/other", .invalidData, "another program"),
        ("/newer", .invalidData, "newer version (known: 1, actual: 2)"), ("/no/such/folder", .cannotCreate, "opened"),
      ] {
        do {
          _ = try SQLiteJournal(path: folder + name, roster: roster, quorum: 1)
          Issue.record("\(name) was opened")
        } catch let error as CopurError {
          #expect(error.code == code && error.message.contains(text), "\(error)")
        }
      }
    }
  }

  /// A row that is there already is an error of ours, and fails its whole group.
  @Test func aGroupIsStoredAsAWhole() async throws {
    try await withFolder { folder in
      let journal = try SQLiteJournal(path: folder + "/j", roster: roster, quorum: 1)
      func block(_ sample: UInt64) -> JournalGroup.Block {
        JournalGroup.Block(session: "s", sample: sample, agent: roster.agents[1], hash: 1, values: [1])
      }
      try await journal.append(JournalGroup(blocks: [block(1)]))
      await #expect(throws: CopurError.self) { try await journal.append(JournalGroup(blocks: [block(2), block(1)])) }
      let count = try await DatabaseQueue(path: folder + "/j").read {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM contribution")
      }
      #expect(count == 1)
    }
  }
}
