internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import GRDB

/// The tables of a journal, version 4; the statements that fill them are in an extension.
enum JournalSchema {
  /// Marks the file as a journal ("CoPu").
  static let applicationID: Int32 = 0x436F_5075
  static let version = 4
  /// The oldest version that is read, and that a service goes on with once ``prepare(_:path:)`` has brought it up.
  private static let oldestVersion = 2

  private static let tables = """
    CREATE TABLE agent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE session (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, defense TEXT NOT NULL) STRICT;
    -- agents: their names in the model's order, a space between two.
    CREATE TABLE model (
      id INTEGER PRIMARY KEY, version TEXT NOT NULL, agents TEXT NOT NULL, UNIQUE (version, agents)
    ) STRICT;
    -- What an agent contributed to a session in one commit. samples, hashes: 64 bits each; payload: a block after the
    -- other, 32-bit floats; all little-endian. The payload comes last, so that it is not read with the others.
    CREATE TABLE contribution (
      sequence INTEGER PRIMARY KEY,
      session INTEGER NOT NULL REFERENCES session,
      agent INTEGER NOT NULL REFERENCES agent,
      model INTEGER NOT NULL REFERENCES model,
      samples BLOB NOT NULL,
      hashes BLOB NOT NULL,
      payload BLOB NOT NULL
    ) STRICT;
    -- Verdicts of a session that were stored in one commit, as VerdictRow writes them.
    CREATE TABLE verdict (
      sequence INTEGER PRIMARY KEY,
      session INTEGER NOT NULL REFERENCES session,
      model INTEGER NOT NULL REFERENCES model,
      defense TEXT NOT NULL,
      samples BLOB NOT NULL,
      labels BLOB NOT NULL,
      contributed BLOB NOT NULL,
      suspects BLOB NOT NULL,
      details BLOB NOT NULL,
      certified BLOB NOT NULL
    ) STRICT;
    -- Rounds that have blocks and will have no verdict.
    CREATE TABLE aborted (
      sequence INTEGER PRIMARY KEY,
      session INTEGER NOT NULL REFERENCES session,
      samples BLOB NOT NULL,
      reason TEXT NOT NULL
    ) STRICT;
    -- One row. floor: no round without a verdict has a block in a contribution before this one.
    CREATE TABLE progress (id INTEGER PRIMARY KEY CHECK (id = 1), floor INTEGER NOT NULL) STRICT;
    INSERT INTO progress (id, floor) VALUES (1, 0);
    """

  /// The tables that version 4 added.
  private static let pruningTables = """
    -- How far the tables were at a moment (seconds since 1970): the last rows that were stored by then, 0 where none was.
    CREATE TABLE moment (
      time INTEGER PRIMARY KEY, contribution INTEGER NOT NULL, verdict INTEGER NOT NULL, aborted INTEGER NOT NULL
    ) STRICT;
    -- Rounds that were pruned: closed for good; rows about them that are still there do not count. samples: the first and
    -- the last of each range, 64 bits each, ascending.
    CREATE TABLE pruned (session INTEGER PRIMARY KEY REFERENCES session, samples BLOB NOT NULL) STRICT;
    -- Rows that a pruning has removed, by the table's name; numbers: as in pruned.
    CREATE TABLE removed (name TEXT PRIMARY KEY, numbers BLOB NOT NULL) STRICT;
    """

  /// Makes the tables of a new file, and checks those of an old one; one of an older version becomes one of this version.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` if the file is another program's or of another version.
  static func prepare(_ database: Database, path: String) throws {
    let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    guard application == 0 && tables == 0 else {
      let actual = try check(database, path: path)
      if actual < 3 {
        // Rows that are there have no bytes in it.
        try database.execute(sql: "ALTER TABLE verdict ADD COLUMN certified BLOB NOT NULL DEFAULT x''")
      }
      if actual < version {
        try database.execute(sql: Self.pruningTables)
        try database.execute(sql: "PRAGMA user_version = \(version)")
      }
      return
    }
    try database.execute(sql: Self.tables)
    try database.execute(sql: Self.pruningTables)
    try database.execute(sql: "PRAGMA application_id = \(applicationID)")
    try database.execute(sql: "PRAGMA user_version = \(version)")
  }

  /// Checks that a file is a journal of a version that can be read.
  ///
  /// - Returns: Its version.
  /// - Throws: ``CopurError`` of code `.invalidData` if it is not.
  @discardableResult
  static func check(_ database: Database, path: String) throws -> Int {
    let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    guard application == applicationID else {
      throw CopurError(
        .invalidData,
        "\(path): an SQLite file of another program (application id, journal: \(applicationID), "
          + "actual: \(application))")
    }
    let actual = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard (oldestVersion...version).contains(actual) else {
      let rule =
        actual < oldestVersion
        ? "a journal of an older version, which this program does not continue: put the file aside and begin a new one"
        : "a journal of a newer version"
      throw CopurError(.invalidData, "\(path): \(rule) (known: \(version), actual: \(actual))")
    }
    return actual
  }

  /// Runs what opens a journal's file; an error of SQLite's becomes one that names the file.
  static func naming<Result: ~Copyable>(_ path: String, _ open: () throws -> Result) throws -> Result {
    do {
      return try open()
    } catch let error as CopurError {
      throw error
    } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
      throw CopurError(.invalidData, "\(path): a journal is an SQLite file", cause: error)
    } catch {
      throw CopurError(.cannotCreate, "\(path): the journal cannot be opened", cause: error)
    }
  }

  /// The last rows that a journal has.
  static func lastRows(_ database: Database) throws -> AcknowledgedRows {
    func last(_ table: String) throws -> Int64 {
      try Int64.fetchOne(database, sql: "SELECT max(sequence) FROM \(table)") ?? 0
    }
    var rows = AcknowledgedRows()
    rows.contribution = try last("contribution")
    rows.verdict = try last("verdict")
    rows.aborted = try last("aborted")
    return rows
  }

  /// The bytes of a journal's file and its WAL.
  static func size(of path: String) -> Int {
    ["", "-wal"].reduce(0) { sum, suffix in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path + suffix)
      return sum + ((attributes?[.size] as? NSNumber)?.intValue ?? 0)
    }
  }
}
