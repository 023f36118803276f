internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import GRDB

/// The statements that fill a journal's tables.
extension JournalSchema {
  static func identifier(ofAgent agent: AgentID, _ database: Database) throws -> Int64 {
    try database.execute(sql: "INSERT OR IGNORE INTO agent (name) VALUES (?)", arguments: [agent.name])
    return try Int64.fetchOne(database, sql: "SELECT id FROM agent WHERE name = ?", arguments: [agent.name])!
  }

  static func insert(session name: String, defense: String, _ database: Database) throws -> Int64 {
    try database.execute(sql: "INSERT INTO session (name, defense) VALUES (?, ?)", arguments: [name, defense])
    return database.lastInsertedRowID
  }

  static func insert(model version: String, agents: [AgentID], _ database: Database) throws -> Int64 {
    try database.execute(
      sql: "INSERT INTO model (version, agents) VALUES (?, ?)",
      arguments: [version, agents.map(\.name).joined(separator: " ")])
    return database.lastInsertedRowID
  }

  static func insert(
    _ contribution: JournalGroup.Contribution, session: Int64, model: Int64, agent: Int64, _ database: Database
  ) throws -> Int64 {
    try database.cachedStatement(
      sql: "INSERT INTO contribution (session, agent, model, samples, hashes, payload) VALUES (?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [
      session, agent, model, JournalBytes.data(contribution.samples), JournalBytes.data(contribution.hashes),
      JournalBytes.data(contribution.values),
    ])
    return database.lastInsertedRowID
  }

  static func insert(
    _ row: VerdictRow, session: Int64, model: Int64, defense: String, _ database: Database
  ) throws -> Int64 {
    try database.cachedStatement(
      sql: """
        INSERT INTO verdict (session, model, defense, samples, labels, contributed, suspects, details, certified)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      session, model, defense, row.samples, row.labels, row.contributed, row.suspects, row.details, row.certified,
    ])
    return database.lastInsertedRowID
  }

  static func insert(_ abortion: JournalGroup.Abortion, session: Int64, _ database: Database) throws -> Int64 {
    try database.execute(
      sql: "INSERT INTO aborted (session, samples, reason) VALUES (?, ?, ?)",
      arguments: [session, JournalBytes.data(abortion.samples), abortion.reason])
    return database.lastInsertedRowID
  }

  /// Notes that the rows so far were stored by a time; times never go back, whatever the machine's clock does.
  ///
  /// - Parameter time: Seconds since 1970.
  static func store(moment time: Int64, _ rows: AcknowledgedRows, _ database: Database) throws {
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO moment (time, contribution, verdict, aborted)
        VALUES (max(?, (SELECT coalesce(max(time), 0) FROM moment)), ?, ?, ?)
        """, arguments: [time, rows.contribution, rows.verdict, rows.aborted])
  }

  /// Forgets moments before the latest one that was as far as these rows: no pruning asks for them any more.
  static func forgetMoments(before rows: AcknowledgedRows, _ database: Database) throws {
    try database.execute(
      sql: """
        DELETE FROM moment WHERE time <
          (SELECT max(time) FROM moment WHERE contribution <= ? AND verdict <= ? AND aborted <= ?)
        """, arguments: [rows.contribution, rows.verdict, rows.aborted])
  }

  static func store(pruned samples: SampleSet, session: Int64, _ database: Database) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO pruned (session, samples) VALUES (?, ?)",
      arguments: [session, samples.bytes])
  }

  static func store(removed numbers: SampleSet, of table: String, _ database: Database) throws {
    try database.execute(
      sql: "INSERT OR REPLACE INTO removed (name, numbers) VALUES (?, ?)", arguments: [table, numbers.bytes])
  }

  static func store(floor: Int64, _ database: Database) throws {
    try database.execute(sql: "UPDATE progress SET floor = ?", arguments: [floor])
  }
}
