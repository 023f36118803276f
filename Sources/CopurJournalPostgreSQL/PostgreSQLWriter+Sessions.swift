internal import CopurCore
internal import CopurFusionCenter
internal import Foundation

/// The sessions that are this center's.
extension PostgreSQLWriter {
  /// Asks for a session.
  ///
  /// - Throws: As `SharedJournal/claim(_:remembering:)`.
  func claim(_ session: String, remembering rounds: Int) throws -> SessionClaim {
    try reading {
      let connection = try connected()
      if let granted = try grant(session, connection) {
        guard !granted.isNew else {
          var recovery = JournalRecovery()
          recovery.tokens[session] = granted.token
          return .granted(recovery)
        }
        return .granted(
          try recovered([(session, granted.id, granted.token)], remembering: rounds, connection))
      }
      return .held(try holder(of: session, connection))
    }
  }

  /// Makes a session this center's if it is nobody's, or its center is gone.
  ///
  /// - Returns: Nil: it is another's.
  func grant(
    _ session: String, _ connection: PostgreSQLConnection
  ) throws -> (id: Int64, token: Int64, isNew: Bool)? {
    let new = try connection.run(
      "INSERT INTO \(schema).session (name, center) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id, token",
      .text(session), .integer(center))
    if let row = new.first {
      let granted = (id: try row.integer(0), token: try row.integer(1), isNew: true)
      index.sessions[session] = PostgreSQLSession(id: granted.id, token: granted.token, hasRecords: false)
      return granted
    }
    let row = try connection.run(
      "SELECT id, token, center, defense IS NOT NULL FROM \(schema).session WHERE name = $1", .text(session))[0]
    var (id, token, holder) = (try row.integer(0), try row.integer(1), try row.integer(2))
    if holder != center {
      let takeover = PostgreSQLTakeover(schema)
      guard try takeover.isGone(holder, for: center, connection),
        let taken = try takeover.takeOver(from: holder, to: center, session: id, connection).first
      else { return nil }
      (id, token, holder) = (taken.id, taken.token, center)
    }
    if index.sessions[session]?.token != token {
      index.sessions[session] = PostgreSQLSession(id: id, token: token, hasRecords: try row.bool(3))
    }
    return (id, token, false)
  }

  /// The other center that has a session; nil: none.
  func otherHolder(of session: String) throws -> SessionHolder? {
    try reading {
      let connection = try connected()
      let isOther = try !connection.run(
        "SELECT FROM \(schema).session WHERE name = $1 AND center <> $2", .text(session), .integer(center)
      ).isEmpty
      return isOther ? try holder(of: session, connection) : nil
    }
  }

  /// Who has a session.
  func holder(of session: String, _ connection: PostgreSQLConnection) throws -> SessionHolder {
    let row = try connection.run(
      """
      SELECT c.address, (extract(epoch FROM clock_timestamp() - c.expires + c.lease) * 1000)::bigint,
        (extract(epoch FROM c.lease) * 1000)::bigint
      FROM \(schema).session s JOIN \(schema).center c ON c.id = s.center WHERE s.name = $1
      """, .text(session)
    ).first
    guard let row else { throw CopurError(.invalidData, "session \"\(session)\" is not there any more") }
    return SessionHolder(
      address: try row.text(0), unheard: .milliseconds(max(0, try row.integer(1))),
      lease: .milliseconds(try row.integer(2)))
  }

  /// Finds out which sessions others have taken over, and takes over those of centers that are gone.
  func reconcile(remembering rounds: Int, takesOver: Bool) throws -> LeaseChanges {
    try reading {
      let connection = try connected()
      var changes = LeaseChanges()
      var own: [String: Int64] = [:]
      for row in try connection.run(
        "SELECT name, token FROM \(schema).session WHERE center = $1", .integer(center))
      {
        own[try row.text(0)] = try row.integer(1)
      }
      for (name, session) in index.sessions where own[name] != session.token {
        changes.lost[name] = try holder(of: name, connection)
        index.sessions[name] = nil
      }
      guard takesOver else { return changes }
      let taken = try takeOver(connection)
      changes.gone = taken.gone
      if !taken.sessions.isEmpty {
        changes.taken = try recovered(taken.sessions, remembering: rounds, connection)
      }
      return changes
    }
  }

  /// Takes over every session of the centers that are gone.
  func takeOver(
    _ connection: PostgreSQLConnection
  ) throws -> (sessions: [(name: String, id: Int64, token: Int64)], gone: [String]) {
    let takeover = PostgreSQLTakeover(schema)
    var sessions: [(name: String, id: Int64, token: Int64)] = []
    var gone: [String] = []
    for other in try takeover.gone(for: center, connection) {
      let taken = try takeover.takeOver(from: other.id, to: center, session: nil, connection)
      guard !taken.isEmpty else { continue }
      gone.append(other.address)
      sessions += taken
    }
    return (sessions, gone)
  }

  /// Reads what there is of sessions that are this center's from now on.
  func recovered(
    _ sessions: [(name: String, id: Int64, token: Int64)], remembering rounds: Int, _ connection: PostgreSQLConnection
  ) throws -> JournalRecovery {
    let scan = try connection.snapshot {
      try PostgreSQLScan(connection, schema: schema, sessions: sessions.map(\.id), remembering: rounds)
    }
    var recovery = scan.recovery
    let withRecords = Set(recovery.sessions.map(\.name))
    for session in sessions {
      recovery.tokens[session.name] = session.token
      index.sessions[session.name] = PostgreSQLSession(
        id: session.id, token: session.token, hasRecords: withRecords.contains(session.name),
        open: scan.firstRows[session.id] ?? [:])
    }
    return recovery
  }
}
