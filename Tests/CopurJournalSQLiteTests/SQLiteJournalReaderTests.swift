import CopurCore
import CopurFusionCenter
import CopurJournalSQLite
import Foundation
import GRDB
import Testing

@Suite struct SQLiteJournalReaderTests {
  @Test func roundsOfASessionAndOfAll() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      do {
        let journal = try SQLiteJournal(path: path, roster: roster)
        var group = JournalGroup()
        group.append(contribution([1, 2, 3], [1, 2, 3]))
        group.append(contribution([1], [1], in: "other"))
        group.verdicts = [verdict(2, Decision(label: 1, probabilities: [0, 1], suspects: [false, true, false]))]
        group.abortions = [JournalGroup.Abortion(session: "s", defense: "toy", samples: [3], reason: "another model")]
        try await journal.append(group)
      }
      try await letGo(of: path)
      let reader = try SQLiteJournalReader(path: path)
      #expect(reader.name == path)
      var rounds: [JournalRound] = []
      try await reader.forEachRound { rounds.append($0) }
      #expect(rounds.map(\.status) == [.decided, .aborted, .open, .open])
      #expect(rounds.map(\.sample) == [2, 3, 1, 1] && rounds.map(\.session) == ["s", "s", "s", "other"])
      #expect(rounds.allSatisfy { $0.contributed == [roster.agents[1]] && $0.modelVersion == "m1" })
      #expect(rounds[0].suspects == [roster.agents[1]] && rounds[0].label == 1 && rounds[1].reason == "another model")
      var others: [JournalRound] = []
      try reader.forEachRound(session: "other") { others.append($0) }
      #expect(others == [rounds[3]])
      let report = try reader.verify()
      #expect(report.faults == [] && report.sessions == 2 && report.blocks == 4)
      #expect(report.decided == 1 && report.aborted == 1 && report.open == 2)
    }
  }

  /// A file of layout 2, made without this program's code: what a release has written, later ones read, and go on with.
  @Test func aFileOfTheLayoutAsItIsDocumented() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      do {
        let hash = BlockHash.of([1.5]).byteSwapped
        try await DatabaseQueue(path: path).writeWithoutTransaction { database in
          try database.execute(
            sql: """
              CREATE TABLE agent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
              CREATE TABLE session (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, defense TEXT NOT NULL) STRICT;
              CREATE TABLE model (
                id INTEGER PRIMARY KEY, version TEXT NOT NULL, agents TEXT NOT NULL, UNIQUE (version, agents)) STRICT;
              CREATE TABLE contribution (
                sequence INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES session,
                agent INTEGER NOT NULL REFERENCES agent, model INTEGER NOT NULL REFERENCES model,
                samples BLOB NOT NULL, hashes BLOB NOT NULL, payload BLOB NOT NULL) STRICT;
              CREATE TABLE verdict (
                sequence INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES session,
                model INTEGER NOT NULL REFERENCES model, defense TEXT NOT NULL, samples BLOB NOT NULL,
                labels BLOB NOT NULL, contributed BLOB NOT NULL, suspects BLOB NOT NULL, details BLOB NOT NULL) STRICT;
              CREATE TABLE aborted (
                sequence INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES session, samples BLOB NOT NULL,
                reason TEXT NOT NULL) STRICT;
              CREATE TABLE progress (id INTEGER PRIMARY KEY CHECK (id = 1), floor INTEGER NOT NULL) STRICT;
              INSERT INTO progress VALUES (1, 0);
              INSERT INTO agent VALUES (1, 'a'), (2, 'b'), (3, 'c');
              INSERT INTO session VALUES (1, 's', 'toy');
              INSERT INTO model VALUES (1, 'm1', 'a b c');
              INSERT INTO contribution VALUES
                (1, 1, 2, 1, x'0700000000000000', x'\(String(format: "%016lx", hash))', x'0000C03F');
              INSERT INTO verdict VALUES
                (1, 1, 1, 'toy', x'0700000000000000', x'01000000', x'02', x'00', x'010200000000000000803F');
              PRAGMA application_id = 0x436F5075;
              PRAGMA user_version = 2;
              """)
        }
      }
      let expected = verdict(7, Decision(label: 1, probabilities: [0, 1]))
      do {
        try await letGo(of: path)
        let reader = try SQLiteJournalReader(path: path)
        #expect(try reader.verify().faults == [])
        var rounds: [JournalRound] = []
        try await reader.forEachRound { rounds.append($0) }
        #expect(rounds == [JournalRound(expected, agents: roster.agents)])
      }
      // Reading alone leaves the file as it was; a service that goes on with it brings it up to its own layout.
      let certified = verdict(8, Decision(label: 1, probabilities: [0, 1], certifiedAgents: 1))
      do {
        let journal = try await reopened(path, roster: roster)
        let recovery = try await journal.recover(remembering: 10)
        #expect(recovery.decided.map(\.verdict) == [expected])
        #expect(recovery.decided[0].hashes == [roster.agents[1]: BlockHash.of([1.5])])
        var group = JournalGroup()
        group.append(contribution([8], [1.5]))
        group.verdicts = [certified]
        try await journal.append(group)
      }
      let recovery = try await reopened(path, roster: roster).recover(remembering: 10)
      #expect(recovery.decided.map(\.verdict) == [expected, certified])
      try await letGo(of: path)
      #expect(try SQLiteJournalReader(path: path).verify().faults == [])
    }
  }

  /// A changed bit of a block is named by the round and the agent.
  @Test func damageIsFound() async throws {
    try await withFolder { folder in
      let path = folder + "/j"
      do {
        let journal = try SQLiteJournal(path: path, roster: roster)
        var group = JournalGroup()
        group.append(contribution([1, 2], [1, 2]))
        group.verdicts = [verdict(1, nil), verdict(2, nil)]
        try await journal.append(group)
      }
      try await letGo(of: path)
      do {
        try await DatabaseQueue(path: path).write { database in
          try database.execute(sql: "UPDATE contribution SET payload = x'0000C03F00000040'")
        }
      }
      try await letGo(of: path)
      let report = try SQLiteJournalReader(path: path).verify()
      #expect(report.faults == ["session \"s\", sample 1, agent b: the block is not the one that was stored"])
    }
  }
}
