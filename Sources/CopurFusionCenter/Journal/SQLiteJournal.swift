public import CopurCore
internal import CopurWire
internal import Foundation
internal import GRDB
internal import SwiftProtobuf
internal import Synchronization

/// A journal in one SQLite file: what was appended outlives the process and the machine's power.
///
/// A group is one transaction in WAL mode with `synchronous=FULL`, so its commit returns after the WAL's fsync. A block
/// is a row, unique by session, sample and agent, in the order of acceptance; a verdict is a row, unique by session and
/// sample. Samples above 2⁶³ − 1 are stored as the negative number of the same bits, floats as they lie in memory
/// (little-endian on every platform that is supported).
public final class SQLiteJournal: Journal {
  /// Marks the file as a journal ("CoPu").
  private static let applicationID: Int32 = 0x436F_5075

  private let path: String
  private let queue: DatabaseQueue
  private let roster: AgentRoster
  private let quorum: Int
  private let agentIDs: [AgentID: Int64]
  private let sessionIDs: Mutex<[String: Int64]>
  private let earlierSessions: [String]

  /// Opens a journal, or makes a new one.
  ///
  /// - Parameters:
  ///   - path: The file; `-wal` and `-shm` files come to lie beside it.
  ///   - roster: The agents whose blocks come.
  ///   - quorum: The fewest blocks that give a decision, for the verdicts' reasons.
  /// - Throws: ``CopurError`` of code `.cannotCreate` if the file cannot be opened, of code `.invalidData` if it is
  ///   something else than a journal.
  public init(path: String, roster: AgentRoster, quorum: Int) throws {
    self.path = path
    self.roster = roster
    self.quorum = quorum
    var configuration = Configuration()
    configuration.journalMode = .wal
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      // Once the connection is set up: GRDB itself chooses NORMAL for WAL, which syncs at checkpoints only.
      let synchronous = try queue.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA synchronous = FULL")
        return try Int.fetchOne(database, sql: "PRAGMA synchronous")
      }
      guard synchronous == 2 else {
        throw CopurError(
          .software, "a journal is synced at every commit (synchronous, needed: 2, actual: \(synchronous ?? -1))")
      }
      let opened = try queue.write { database in
        try Self.prepare(database, path: path)
        return (
          agents: try Self.identifiers(of: roster.agents.map(\.name), in: "agent", database),
          sessions: try Row.fetchAll(database, sql: "SELECT id, name FROM session ORDER BY id")
            .map { (name: $0["name"] as String, id: $0["id"] as Int64) }
        )
      }
      agentIDs = Dictionary(uniqueKeysWithValues: roster.agents.map { ($0, opened.agents[$0.name]!) })
      sessionIDs = Mutex(Dictionary(uniqueKeysWithValues: opened.sessions.map { ($0.name, $0.id) }))
      earlierSessions = opened.sessions.map(\.name)
    } catch let error as CopurError {
      throw error
    } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
      throw CopurError(.invalidData, "\(path): a journal is an SQLite file", cause: error)
    } catch {
      throw CopurError(.cannotCreate, "\(path): the journal cannot be opened", cause: error)
    }
  }

  public var isDurable: Bool { true }

  public func sessions() -> [String] { earlierSessions }

  public func append(_ group: JournalGroup) async throws {
    do {
      try await queue.write { [self] database in
        try insert(group.blocks, into: database)
        try insert(group.verdicts, into: database)
      }
    } catch {
      throw CopurError(.io, "\(path): the journal cannot be written", cause: error)
    }
  }

  private static func prepare(_ database: Database, path: String) throws {
    let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    guard application == applicationID || (application == 0 && tables == 0) else {
      throw CopurError(
        .invalidData,
        "\(path): an SQLite file of another program (application id, journal: \(applicationID), "
          + "actual: \(application))")
    }
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    switch version {
    case 0: break
    case 1: return
    default:
      throw CopurError(.invalidData, "\(path): a journal of a newer version (known: 1, actual: \(version))")
    }
    try database.execute(
      sql: """
        CREATE TABLE agent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE session (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE contribution (
          sequence INTEGER PRIMARY KEY,
          session INTEGER NOT NULL REFERENCES session,
          sample INTEGER NOT NULL,
          agent INTEGER NOT NULL REFERENCES agent,
          hash INTEGER NOT NULL,
          payload BLOB NOT NULL,
          UNIQUE (session, sample, agent)
        ) STRICT;
        -- message: copur.v1.Verdict; label: that of its decision, null if it has none.
        CREATE TABLE verdict (
          session INTEGER NOT NULL REFERENCES session,
          sample INTEGER NOT NULL,
          label INTEGER,
          message BLOB NOT NULL,
          PRIMARY KEY (session, sample)
        ) STRICT, WITHOUT ROWID;
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = 1;
        """)
  }

  /// The row numbers of names, which are put in where they are new.
  private static func identifiers(
    of names: [String], in table: String, _ database: Database
  ) throws -> [String: Int64] {
    var identifiers: [String: Int64] = [:]
    for name in names {
      try database.execute(sql: "INSERT OR IGNORE INTO \(table) (name) VALUES (?)", arguments: [name])
      identifiers[name] = try Int64.fetchOne(
        database, sql: "SELECT id FROM \(table) WHERE name = ?", arguments: [name])
    }
    return identifiers
  }

  private func identifier(ofSession name: String, _ database: Database) throws -> Int64 {
    if let known = sessionIDs.withLock({ $0[name] }) { return known }
    let new = try Self.identifiers(of: [name], in: "session", database)[name]!
    sessionIDs.withLock { $0[name] = new }
    return new
  }

  private func insert(_ blocks: [JournalGroup.Block], into database: Database) throws {
    guard !blocks.isEmpty else { return }
    let statement = try database.cachedStatement(
      sql: "INSERT INTO contribution (session, sample, agent, hash, payload) VALUES (?, ?, ?, ?, ?)")
    for block in blocks {
      let session = try identifier(ofSession: block.session, database)
      try statement.execute(arguments: [
        session, Int64(bitPattern: block.sample), agentIDs[block.agent], Int64(bitPattern: block.hash),
        block.values.withUnsafeBytes { Data($0) },
      ])
    }
  }

  private func insert(_ verdicts: [Verdict], into database: Database) throws {
    guard !verdicts.isEmpty else { return }
    let statement = try database.cachedStatement(
      sql: "INSERT INTO verdict (session, sample, label, message) VALUES (?, ?, ?, ?)")
    for verdict in verdicts {
      let session = try identifier(ofSession: verdict.session, database)
      let message: Data = try Copur_V1_Verdict(verdict, roster: roster, quorum: quorum).serializedBytes()
      try statement.execute(arguments: [
        session, Int64(bitPattern: verdict.sample), verdict.decision?.label, message,
      ])
    }
  }
}
