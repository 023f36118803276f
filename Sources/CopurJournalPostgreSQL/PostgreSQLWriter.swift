internal import CopurCore
internal import CopurFusionCenter
internal import Foundation

/// The writing side of a journal in a database, on its own thread: one connection, made anew when it was lost.
///
/// A center is known by its address. The right to write under it is an advisory lock of the connection, and ends with it.
/// Because a connection can be lost without this process's knowledge, each center that begins under an address has an epoch, and
/// every transaction checks that no later one has begun; and that each of its sessions still has the token that it was given with.
final class PostgreSQLWriter: @unchecked Sendable {
  let address: PostgreSQLAddress
  /// This center's.
  let ownAddress: String
  private let roster: AgentRoster
  private var connection: PostgreSQLConnection?
  var index = PostgreSQLIndex()
  /// This center's number, and how often one of its address had begun with it.
  private(set) var center: Int64 = 0
  private(set) var epoch: Int64 = 0
  /// A group of which it is not known whether it was stored.
  private var unheard: JournalGroup?
  private var hasFailed = false
  var schema: String { address.schema }

  /// Opens a journal, or makes a new one.
  ///
  /// - Throws: ``CopurError`` as `JournalKind/journal(at:roster:address:)`.
  init(_ address: PostgreSQLAddress, roster: AgentRoster, ownAddress: String) throws {
    self.address = address
    self.roster = roster
    self.ownAddress = ownAddress
    do {
      let connection = try PostgreSQLConnection(address)
      try PostgreSQLSchema.checkDurability(connection, name: address.name)
      try PostgreSQLSchema.prepare(connection, address)
      try begin(connection)
      try readNames(connection)
      self.connection = connection
    } catch let error as PostgreSQLError {
      throw CopurError(.cannotCreate, "\(address.name): the journal cannot be opened", cause: error)
    }
  }

  /// Takes the right to write under the address, which also has the sessions that it had the last time.
  private func begin(_ connection: PostgreSQLConnection) throws {
    try connection.run(
      "INSERT INTO \(schema).center (address) VALUES ($1) ON CONFLICT DO NOTHING", .text(ownAddress))
    center = try connection.run("SELECT id FROM \(schema).center WHERE address = $1", .text(ownAddress))[0].integer(0)
    // One that was just killed still has it for a moment.
    let deadline = ContinuousClock.now + .seconds(3)
    while try !lock(connection) {
      // One that was stopped, or cut off, has it for as long as its connection seems to be there.
      if try isExpired(connection) { try PostgreSQLTakeover(schema).disconnect(center, connection) }
      guard ContinuousClock.now < deadline else {
        throw CopurError(
          .unavailable,
          "\(address.name): another fusion center of the same address writes to this journal; each has one of its own "
            + "(--advertise, actual: \"\(ownAddress)\")")
      }
      Thread.sleep(forTimeInterval: 0.1)
    }
    let row = try connection.run(
      """
      UPDATE \(schema).center SET epoch = epoch + 1, lease = $2 * interval '1 millisecond', since = clock_timestamp(),
        expires = clock_timestamp() + $2 * interval '1 millisecond'
      WHERE id = $1 RETURNING epoch, groups
      """, .integer(center), .integer(address.lease))[0]
    (epoch, index.groups) = (try row.integer(0), try row.integer(1))
  }

  private func lock(_ connection: PostgreSQLConnection) throws -> Bool {
    try connection.run(
      "SELECT pg_try_advisory_lock(\(PostgreSQLSchema.lockClass), \(PostgreSQLTakeover(schema).lock))",
      .integer(center))[0].bool(0)
  }

  private func isExpired(_ connection: PostgreSQLConnection) throws -> Bool {
    try connection.run(
      "SELECT expires < clock_timestamp() FROM \(schema).center WHERE id = $1", .integer(center))[0].bool(0)
  }

  private func readNames(_ connection: PostgreSQLConnection) throws {
    try connection.run(
      "INSERT INTO \(schema).agent (name) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING",
      .texts(roster.agents.map(\.name)))
    for row in try connection.run("SELECT id, name FROM \(schema).agent") {
      index.agents[try AgentID(row.text(1))] = try row.integer(0)
    }
  }

  /// The recovery of what the centers that are gone left, and of what this one had already.
  func recover(remembering rounds: Int) throws -> JournalRecovery {
    try reading {
      let connection = try connected()
      _ = try takeOver(connection)
      // Whoever claims one of them again gets another number, which no older token fits.
      try connection.run("DELETE FROM \(schema).session WHERE center = $1 AND defense IS NULL", .integer(center))
      let own = try connection.run(
        "SELECT id, token, name, defense IS NOT NULL FROM \(schema).session WHERE center = $1", .integer(center))
      return try recovered(
        own.map { (try $0.text(2), try $0.integer(0), try $0.integer(1)) }, remembering: rounds, connection)
    }
  }

  /// Gives errors of the database words of our own.
  func reading<Result>(_ read: () throws -> Result) throws -> Result {
    do {
      return try read()
    } catch let error as PostgreSQLError where error.isOutage {
      connection = nil
      throw JournalUnreachable(cause: error)
    } catch let error as PostgreSQLError {
      throw CopurError(.io, "\(address.name): the journal cannot be read", cause: error)
    } catch let error as CopurError where !error.message.hasPrefix(address.name) {
      throw CopurError(error.code, "\(address.name): \(error.message)", cause: error.cause)
    }
  }

  func append(_ group: JournalGroup) throws {
    guard !hasFailed else {
      throw CopurError(.io, "\(address.name): the journal has failed before")
    }
    do {
      let connection = try connected()
      // It was committed the last time, and only its answer was lost.
      if unheard != nil { return settle(mark: nil) }
      try name(group, connection)
      let statements = index.statements(
        storing: group, schema: schema, center: center, epoch: epoch, agents: roster.agents)
      unheard = group
      let rows = try connection.commit(statements)
      settle(mark: try rows.first?.first?.integer(0))
    } catch let error as PostgreSQLError where error.isOutage {
      connection = nil
      throw JournalUnreachable(cause: error)
    } catch let error as PostgreSQLError where error.saysFull {
      unheard = nil
      throw JournalFull(cause: error)
    } catch let error as PostgreSQLError where error.saysLost {
      unheard = nil
      throw SessionsLost(try holders(ofLostIn: group))
    } catch let error as PostgreSQLError {
      hasFailed = true
      let reason = error.saysReplaced ? ": another fusion center of the same address has taken it over" : ""
      throw CopurError(.io, "\(address.name): the journal cannot be written\(reason)", cause: error)
    } catch let error as CopurError {
      hasFailed = true
      throw error
    }
  }

  private func settle(mark: Int64?) {
    if let unheard { index.stored(unheard, mark: mark) }
    unheard = nil
  }

  /// Sees to it that everything that a group's rows refer to has a number, and that its sessions are this center's.
  private func name(_ group: JournalGroup, _ connection: PostgreSQLConnection) throws {
    for version in Set(group.contributions.map(\.modelVersion) + group.verdicts.map(\.modelVersion))
    where index.models[version] == nil {
      let agents = PostgreSQLValue.text(roster.agents.map(\.name).joined(separator: " "))
      try connection.run(
        "INSERT INTO \(schema).model (version, agents) VALUES ($1, $2) ON CONFLICT DO NOTHING", .text(version), agents)
      index.models[version] = try connection.run(
        "SELECT id FROM \(schema).model WHERE version = $1 AND agents = $2", .text(version), agents)[0].integer(0)
    }
    var lost: [String: SessionHolder] = [:]
    let named =
      group.contributions.map(\.session) + group.verdicts.map(\.session) + group.abortions.map(\.session)
    for session in named where index.sessions[session] == nil && lost[session] == nil {
      // With a token it was this center's before.
      if group.tokens[session] == nil, try grant(session, connection) != nil { continue }
      lost[session] = try holder(of: session, connection)
    }
    if !lost.isEmpty { throw SessionsLost(lost) }
  }

  /// The sessions of a group that are not this center's any more.
  private func holders(ofLostIn group: JournalGroup) throws -> [String: SessionHolder] {
    do {
      let connection = try connected()
      var holders: [String: SessionHolder] = [:]
      for name in group.sessions {
        guard let own = index.sessions[name] else { continue }
        let row = try connection.run("SELECT token FROM \(schema).session WHERE id = $1", .integer(own.id))[0]
        let token = try row.integer(0)
        if token != own.token { index.sessions[name] = nil }
        // The session may have been won back: its older records are lost none the less.
        if token != group.tokens[name] ?? own.token { holders[name] = try holder(of: name, connection) }
      }
      guard !holders.isEmpty else {
        throw CopurError(.software, "\(address.name): a fence closed for no session")
      }
      return holders
    } catch let error as PostgreSQLError {
      if error.isOutage { connection = nil }
      throw JournalUnreachable(cause: error)
    }
  }

  /// The connection, or a new one in its place.
  ///
  /// Afterwards ``unheard`` is nil unless its transaction is stored.
  func connected() throws -> PostgreSQLConnection {
    if let connection { return connection }
    let new = try PostgreSQLConnection(address)
    try PostgreSQLSchema.checkDurability(new, name: address.name)
    func state() throws -> Int64 {
      let row = try new.run("SELECT epoch, groups FROM \(schema).center WHERE id = $1", .integer(center)).first
      guard let row, try row.integer(0) == epoch else {
        throw CopurError(
          .io, "\(address.name): another fusion center of the same address has taken the journal over")
      }
      return try row.integer(1)
    }
    _ = try state()
    guard try lock(new) else {
      // The database has not noticed yet that the connection before is gone, or another one of the address begins, which will
      // try again.
      try PostgreSQLTakeover(schema).disconnect(center, new)
      throw PostgreSQLError(state: nil, message: "the connection before still has the right to write")
    }
    // Once the lock is there: the transaction of the connection before has ended, one way or the other.
    let groups = try state()
    if groups == index.groups {
      unheard = nil
    } else if groups != index.groups + 1 || unheard == nil {
      throw CopurError(
        .io,
        "\(address.name): the database lacks what it had acknowledged (groups, needed: \(index.groups), actual: \(groups))"
      )
    }
    connection = new
    return new
  }
}
