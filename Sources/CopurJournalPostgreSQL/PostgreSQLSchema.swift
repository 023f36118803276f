internal import CopurCore
internal import Foundation

/// The tables of a journal, version 1, in a schema of their own.
enum PostgreSQLSchema {
  static let version: Int64 = 1
  /// The first half of the numbers of advisory locks ("CoPu").
  static let lockClass = 0x436F_5075

  /// - Parameter schema: A name that needs no quotes.
  private static func tables(_ schema: String) -> String {
    """
    CREATE SCHEMA IF NOT EXISTS \(schema);
    CREATE TABLE \(schema).agent (id bigint PRIMARY KEY, name text NOT NULL UNIQUE);
    CREATE TABLE \(schema).session (id bigint PRIMARY KEY, name text NOT NULL UNIQUE, defense text NOT NULL);
    CREATE TABLE \(schema).model (
      id bigint PRIMARY KEY, version text NOT NULL, agents text NOT NULL, UNIQUE (version, agents));
    CREATE TABLE \(schema).contribution (
      sequence bigint PRIMARY KEY, stored timestamptz NOT NULL DEFAULT now(),
      session bigint NOT NULL REFERENCES \(schema).session, agent bigint NOT NULL REFERENCES \(schema).agent,
      model bigint NOT NULL REFERENCES \(schema).model,
      samples bytea NOT NULL, hashes bytea NOT NULL, payload bytea NOT NULL);
    CREATE TABLE \(schema).verdict (
      sequence bigint PRIMARY KEY, stored timestamptz NOT NULL DEFAULT now(),
      session bigint NOT NULL REFERENCES \(schema).session, model bigint NOT NULL REFERENCES \(schema).model,
      defense text NOT NULL, samples bytea NOT NULL, labels bytea NOT NULL, contributed bytea NOT NULL,
      suspects bytea NOT NULL, details bytea NOT NULL, certified bytea NOT NULL);
    CREATE TABLE \(schema).aborted (
      sequence bigint PRIMARY KEY, stored timestamptz NOT NULL DEFAULT now(),
      session bigint NOT NULL REFERENCES \(schema).session, samples bytea NOT NULL, reason text NOT NULL);
    CREATE TABLE \(schema).writer (
      id smallint PRIMARY KEY CHECK (id = 1), version bigint NOT NULL, epoch bigint NOT NULL, groups bigint NOT NULL,
      floor bigint NOT NULL);
    -- Random bits: to compress them takes time and gives nothing.
    ALTER TABLE \(schema).contribution ALTER payload SET STORAGE EXTERNAL, ALTER hashes SET STORAGE EXTERNAL;
    COMMENT ON TABLE \(schema).contribution IS
      'what an agent contributed to a session in one commit; samples, hashes: 64 bits each; payload: a block after the '
      'other, 32-bit floats; all little-endian';
    COMMENT ON TABLE \(schema).verdict IS 'verdicts of a session that were stored in one commit';
    COMMENT ON TABLE \(schema).aborted IS 'rounds that have blocks and will have no verdict';
    COMMENT ON TABLE \(schema).writer IS
      'epoch: how often a service has begun to write; groups: how many were committed; floor: no round without a verdict '
      'has a block in a contribution before this one';
    INSERT INTO \(schema).writer VALUES (1, \(version), 0, 0, 0);
    """
  }

  /// Checks that the database keeps what it has acknowledged.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` if it does not; ``PostgreSQLError``.
  static func checkDurability(_ connection: PostgreSQLConnection, name: String) throws {
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
      let value = try connection.run("SELECT current_setting($1)", .text(setting))[0].text(0)
      guard value != "off" else {
        throw CopurError(
          .cannotCreate,
          "\(name): a journal's database keeps what it has acknowledged whatever happens (\(setting), needed: on, actual: "
            + "off)")
      }
    }
  }

  /// Makes the tables where there are none, and checks those that are there. Two that begin at once wait for each other.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` if the schema is something else's or of another version;
  ///   ``PostgreSQLError``.
  static func prepare(_ connection: PostgreSQLConnection, _ address: PostgreSQLAddress) throws {
    let schema = address.schema
    if try !exists(connection, schema) {
      try connection.runAll(
        "BEGIN; SELECT pg_advisory_xact_lock(\(lockClass), hashtext('\(schema)') # 1)")
      do {
        if try !exists(connection, schema) {
          let others = try connection.run(
            "SELECT count(*) FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)",
            .text(schema))[0].integer(0)
          guard others == 0 else {
            throw CopurError(
              .invalidData,
              "\(address.name): the schema \"\(schema)\" holds something else than a journal")
          }
          try connection.runAll(tables(schema))
        }
        try connection.runAll("COMMIT")
      } catch {
        try? connection.runAll("ROLLBACK")
        throw error
      }
    }
    try check(connection, address)
  }

  /// - Throws: ``CopurError``: `.missingInput` if there is no journal, `.invalidData` if it is of another version;
  ///   ``PostgreSQLError``.
  static func check(_ connection: PostgreSQLConnection, _ address: PostgreSQLAddress) throws {
    guard try exists(connection, address.schema) else {
      throw CopurError(.missingInput, "\(address.name): there is no such journal")
    }
    let actual = try connection.run("SELECT version FROM \(address.schema).writer")[0].integer(0)
    guard actual == version else {
      throw CopurError(
        .invalidData,
        "\(address.name): a journal of another version (known: \(version), actual: \(actual))")
    }
  }

  private static func exists(_ connection: PostgreSQLConnection, _ schema: String) throws -> Bool {
    try connection.run("SELECT to_regclass($1) IS NOT NULL", .text("\(schema).writer"))[0].data(0)
      .first == 1
  }
}
