internal import CopurCore
internal import Foundation

/// The tables of a journal, version 2, in a schema of their own.
enum PostgreSQLSchema {
  static let version: Int64 = 2
  /// The first half of the numbers of advisory locks ("CoPu").
  static let lockClass = 0x436F_5075

  /// - Parameter schema: A name that needs no quotes.
  private static func tables(_ schema: String) -> String {
    """
    CREATE SCHEMA IF NOT EXISTS \(schema);
    CREATE TABLE \(schema).journal (version bigint NOT NULL);
    CREATE TABLE \(schema).center (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, address text NOT NULL UNIQUE, epoch bigint NOT NULL DEFAULT 0,
      groups bigint NOT NULL DEFAULT 0, losses bigint NOT NULL DEFAULT 0, lease interval NOT NULL DEFAULT '0',
      expires timestamptz NOT NULL DEFAULT 'epoch', since timestamptz NOT NULL DEFAULT 'epoch');
    CREATE TABLE \(schema).agent (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
    CREATE TABLE \(schema).session (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, defense text,
      center bigint NOT NULL REFERENCES \(schema).center, token bigint NOT NULL DEFAULT 1, floor bigint NOT NULL DEFAULT 0);
    CREATE INDEX session_center ON \(schema).session (center);
    CREATE TABLE \(schema).model (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, version text NOT NULL, agents text NOT NULL,
      UNIQUE (version, agents));
    CREATE SEQUENCE \(schema).record;
    CREATE TABLE \(schema).contribution (
      sequence bigint NOT NULL DEFAULT nextval('\(schema).record'), stored timestamptz NOT NULL DEFAULT now(),
      session bigint NOT NULL REFERENCES \(schema).session, agent bigint NOT NULL REFERENCES \(schema).agent,
      model bigint NOT NULL REFERENCES \(schema).model,
      samples bytea NOT NULL, hashes bytea NOT NULL, payload bytea NOT NULL, PRIMARY KEY (session, sequence));
    CREATE TABLE \(schema).verdict (
      sequence bigint NOT NULL DEFAULT nextval('\(schema).record'), stored timestamptz NOT NULL DEFAULT now(),
      session bigint NOT NULL REFERENCES \(schema).session, model bigint NOT NULL REFERENCES \(schema).model,
      defense text NOT NULL, samples bytea NOT NULL, labels bytea NOT NULL, contributed bytea NOT NULL,
      suspects bytea NOT NULL, details bytea NOT NULL, certified bytea NOT NULL, PRIMARY KEY (session, sequence));
    CREATE TABLE \(schema).aborted (
      sequence bigint NOT NULL DEFAULT nextval('\(schema).record'), stored timestamptz NOT NULL DEFAULT now(),
      session bigint NOT NULL REFERENCES \(schema).session, samples bytea NOT NULL, reason text NOT NULL,
      PRIMARY KEY (session, sequence));
    CREATE TABLE \(schema).pruned (session bigint PRIMARY KEY REFERENCES \(schema).session, samples bytea NOT NULL);
    -- Random bits: to compress them takes time and gives nothing.
    ALTER TABLE \(schema).contribution ALTER payload SET STORAGE EXTERNAL, ALTER hashes SET STORAGE EXTERNAL;
    COMMENT ON TABLE \(schema).contribution IS
      'what an agent contributed to a session in one commit; samples, hashes: 64 bits each; payload: a block after the '
      'other, 32-bit floats; all little-endian';
    COMMENT ON TABLE \(schema).verdict IS 'verdicts of a session that were stored in one commit';
    COMMENT ON TABLE \(schema).aborted IS 'rounds that have blocks and will have no verdict';
    COMMENT ON TABLE \(schema).pruned IS
      'rounds whose records were removed, and which stay closed; samples: the first and the last of each range, 64 bits each';
    COMMENT ON TABLE \(schema).center IS
      'fusion centers; epoch: how often one of the address has begun to write; groups: how many were committed; losses: how '
      'often others took sessions over; expires: until when its sessions are its own without a renewal, which adds lease; '
      'since: since when it has been renewing without a gap';
    COMMENT ON TABLE \(schema).session IS
      'defense: null before the first record; center: whose it is; token: how often it was given to a center; floor: no '
      'round without a verdict has a block in a contribution before this one';
    INSERT INTO \(schema).journal VALUES (\(version));
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
    let isNew = try connection.run("SELECT to_regclass($1) IS NOT NULL", .text("\(address.schema).journal"))[0].bool(0)
    let actual = isNew ? try connection.run("SELECT version FROM \(address.schema).journal")[0].integer(0) : 1
    guard actual == version else {
      throw CopurError(
        .invalidData,
        "\(address.name): a journal of another version (known: \(version), actual: \(actual))")
    }
  }

  /// The bytes of all tables and their indexes.
  static func size(_ connection: PostgreSQLConnection, schema: String) throws -> Int {
    Int(
      try connection.run(
        "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r'",
        .text(schema))[0].integer(0))
  }

  /// Whether there is a journal of some version; the first one had a table `writer`.
  private static func exists(_ connection: PostgreSQLConnection, _ schema: String) throws -> Bool {
    try connection.run(
      "SELECT coalesce(to_regclass($1), to_regclass($2)) IS NOT NULL", .text("\(schema).journal"),
      .text("\(schema).writer"))[0].bool(0)
  }
}
