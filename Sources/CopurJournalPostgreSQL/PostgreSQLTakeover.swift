/// The statements by which a center has the sessions of another one that is gone.
struct PostgreSQLTakeover {
  private let schema: String

  init(_ schema: String) { self.schema = schema }

  /// The second half of the number of the lock under which a center, `$1`, writes.
  var lock: String { "hashtext('\(schema) ' || $1::bigint)" }

  /// Of centers `c` those whose leases are over, as center `$1` sees it.
  ///
  /// Only after it has itself been renewing for as long as the leases last: when the database was away, everybody is late, and
  /// whoever comes back first has not been left alone.
  private var gone: String {
    """
    c.id <> $1 AND c.expires < clock_timestamp()
      AND (SELECT own.since FROM \(schema).center own WHERE own.id = $1) < clock_timestamp() - c.lease
    """
  }

  /// The centers that are gone and have sessions: number and address.
  func gone(for center: Int64, _ connection: PostgreSQLConnection) throws -> [(id: Int64, address: String)] {
    try connection.run(
      """
      SELECT c.id, c.address FROM \(schema).center c
      WHERE \(gone) AND EXISTS (SELECT FROM \(schema).session s WHERE s.center = c.id)
      """, .integer(center)
    ).map { (try $0.integer(0), try $0.text(1)) }
  }

  /// Whether a center is gone.
  func isGone(_ other: Int64, for center: Int64, _ connection: PostgreSQLConnection) throws -> Bool {
    try !connection.run(
      "SELECT FROM \(schema).center c WHERE \(gone) AND c.id = $2", .integer(center), .integer(other)
    ).isEmpty
  }

  /// Ends the connection of a center that is stopped or cut off: it may be in the middle of a transaction. One of another role
  /// stays.
  func disconnect(_ center: Int64, _ connection: PostgreSQLConnection) throws {
    do {
      try connection.run(
        """
        SELECT pg_terminate_backend(pid) FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid() AND objsubid = 2
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid = \(PostgreSQLSchema.lockClass) AND objid::bigint = \(lock)::bigint & 4294967295
        """, .integer(center))
    } catch let error as PostgreSQLError where error.state == "42501" {}
  }

  /// Has the sessions of a center that is gone.
  ///
  /// - Parameter session: The only one; nil: all.
  /// - Returns: Their names, numbers and tokens; none if the center has come back meanwhile, or is stuck in a transaction: then
  ///   later.
  func takeOver(
    from other: Int64, to center: Int64, session: Int64?, _ connection: PostgreSQLConnection
  ) throws -> [(name: String, id: Int64, token: Int64)] {
    try disconnect(other, connection)
    do {
      return try taken(from: other, to: center, session: session, connection)
    } catch let error as PostgreSQLError where error.state == "55P03" { return [] }
  }

  private func taken(
    from other: Int64, to center: Int64, session: Int64?, _ connection: PostgreSQLConnection
  ) throws -> [(name: String, id: Int64, token: Int64)] {
    try connection.transaction {
      try connection.runAll("SET LOCAL lock_timeout = '1s'")
      // Its commits lock the row, too, before they look whose the sessions are.
      let row = try connection.run(
        "SELECT FROM \(schema).center WHERE id = $1 AND expires < clock_timestamp() FOR NO KEY UPDATE", .integer(other))
      guard !row.isEmpty else { return [] }
      let taken = try connection.run(
        """
        UPDATE \(schema).session SET center = $1, token = token + 1 WHERE center = $2 AND id = coalesce(nullif($3, -1), id)
        RETURNING name, id, token
        """, .integer(center), .integer(other), .integer(session ?? -1))
      if !taken.isEmpty {
        try connection.run("UPDATE \(schema).center SET losses = losses + 1 WHERE id = $1", .integer(other))
      }
      return try taken.map { (try $0.text(0), try $0.integer(1), try $0.integer(2)) }
    }
  }
}
