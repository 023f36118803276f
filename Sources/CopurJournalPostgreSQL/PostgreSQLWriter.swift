internal import CopurCore
internal import CopurFusionCenter
internal import Foundation

/// The writing side of a journal in a database, on its own thread: one connection, made anew when it was lost.
///
/// The right to write is an advisory lock of the connection, and ends with it. Because a connection can be lost without this
/// process's knowledge, each writer has an epoch, and every transaction checks that no later one has begun.
final class PostgreSQLWriter: @unchecked Sendable {
  private let address: PostgreSQLAddress
  private let roster: AgentRoster
  private var connection: PostgreSQLConnection?
  private var index = PostgreSQLIndex()
  private var epoch: Int64 = 0
  /// The memory as it is if the transaction was committed whose end was not heard of.
  private var unheard: PostgreSQLIndex?
  private var hasFailed = false
  private var schema: String { address.schema }

  /// Opens a journal, or makes a new one.
  ///
  /// - Throws: ``CopurError`` as `JournalKind/journal(at:roster:)`.
  init(_ address: PostgreSQLAddress, roster: AgentRoster) throws {
    self.address = address
    self.roster = roster
    do {
      let connection = try PostgreSQLConnection(address)
      try PostgreSQLSchema.checkDurability(connection, name: address.name)
      try PostgreSQLSchema.prepare(connection, address)
      try lock(connection, patience: .seconds(3))
      epoch = try connection.run(
        "UPDATE \(schema).writer SET epoch = epoch + 1 RETURNING epoch")[0].integer(0)
      try readNames(connection)
      self.connection = connection
    } catch let error as PostgreSQLError {
      throw CopurError(.cannotCreate, "\(address.name): the journal cannot be opened", cause: error)
    }
  }

  /// Takes the right to write. One that was just killed still has it for a moment.
  private func lock(_ connection: PostgreSQLConnection, patience: Duration) throws {
    let deadline = ContinuousClock.now + patience
    while true {
      let row = try connection.run(
        "SELECT pg_try_advisory_lock(\(PostgreSQLSchema.lockClass), hashtext('\(schema)'))")[0]
      if try row.data(0).first == 1 { return }
      guard ContinuousClock.now < deadline else {
        throw CopurError(
          .unavailable, "\(address.name): another fusion center writes to this journal")
      }
      Thread.sleep(forTimeInterval: 0.1)
    }
  }

  private func readNames(_ connection: PostgreSQLConnection) throws {
    var agents: [AgentID: Int64] = [:]
    for row in try connection.run("SELECT id, name FROM \(schema).agent") {
      agents[try AgentID(row.text(1))] = try row.integer(0)
    }
    var next = (agents.values.max() ?? 0) + 1
    for agent in roster.agents where agents[agent] == nil {
      try connection.run(
        "INSERT INTO \(schema).agent VALUES ($1, $2)", .integer(next), .text(agent.name))
      agents[agent] = next
      next += 1
    }
    let names = try PostgreSQLNames(connection, schema: schema)
    let ownAgents = roster.agents
    index.agents = agents
    index.sessions = Dictionary(
      uniqueKeysWithValues: names.sessions.map { ($0.value.name, $0.key) })
    index.models = Dictionary(
      uniqueKeysWithValues: names.models.filter { $0.value.agents == ownAgents }.map {
        ($0.value.version, $0.key)
      })
    func last(_ column: String, of table: String) throws -> Int64 {
      try connection.run("SELECT coalesce(max(\(column)), 0) FROM \(schema).\(table)")[0].integer(0)
    }
    index.lastSession = try last("id", of: "session")
    index.lastModel = try last("id", of: "model")
    index.lastContribution = try last("sequence", of: "contribution")
    index.lastVerdict = try last("sequence", of: "verdict")
    index.lastAborted = try last("sequence", of: "aborted")
    index.groups = try connection.run("SELECT groups FROM \(schema).writer")[0].integer(0)
  }

  func recover(remembering rounds: Int) throws -> JournalRecovery {
    do {
      let scan = try PostgreSQLScan(try connected(), schema: schema, remembering: rounds)
      index.open = scan.firstRows
      return scan.recovery
    } catch let error as PostgreSQLError {
      if error.isOutage { connection = nil }
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
      if unheard != nil { return settle() }
      var next = index
      let statements = next.statements(
        storing: group, schema: schema, epoch: epoch, agents: roster.agents)
      unheard = next
      try connection.commit(statements)
      settle()
    } catch let error as PostgreSQLError where error.isOutage {
      connection = nil
      throw JournalUnreachable(cause: error)
    } catch let error as PostgreSQLError where error.saysFull {
      unheard = nil
      throw JournalFull(cause: error)
    } catch let error as PostgreSQLError {
      hasFailed = true
      let reason = error.state == "23502" ? ": another fusion center has taken it over" : ""
      throw CopurError(.io, "\(address.name): the journal cannot be written\(reason)", cause: error)
    } catch let error as CopurError {
      hasFailed = true
      throw error
    }
  }

  private func settle() {
    if let unheard { index = unheard }
    unheard = nil
  }

  /// The connection, or a new one in its place.
  ///
  /// Afterwards ``unheard`` is nil unless its transaction is stored.
  private func connected() throws -> PostgreSQLConnection {
    if let connection { return connection }
    let new = try PostgreSQLConnection(address)
    try PostgreSQLSchema.checkDurability(new, name: address.name)
    let row = try new.run("SELECT epoch FROM \(schema).writer")[0]
    guard try row.integer(0) == epoch else {
      throw CopurError(.io, "\(address.name): another fusion center has taken the journal over")
    }
    do { try lock(new, patience: .zero) } catch let error as CopurError {
      // The database has not noticed yet that the connection before is gone, or somebody is about to take over.
      throw PostgreSQLError(state: nil, message: error.message)
    }
    // Once the lock is there: the transaction of the connection before has ended, one way or the other.
    let now = try new.run("SELECT epoch, groups FROM \(schema).writer")[0]
    let (actualEpoch, groups) = (try now.integer(0), try now.integer(1))
    guard actualEpoch == epoch else {
      throw CopurError(.io, "\(address.name): another fusion center has taken the journal over")
    }
    if groups == index.groups {
      unheard = nil
    } else if groups != unheard?.groups {
      throw CopurError(
        .io,
        "\(address.name): the database lacks what it had acknowledged (groups, needed: \(index.groups), actual: \(groups))"
      )
    }
    connection = new
    return new
  }
}
