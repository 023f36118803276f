internal import CopurCore
public import CopurFusionCenter
internal import Foundation

/// A journal in a PostgreSQL database, read.
public final class PostgreSQLJournalReader: JournalReader {
  let address: PostgreSQLAddress
  let queue = PostgreSQLQueue()
  let connection: PostgreSQLConnection

  /// Opens a journal for reading alone.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the URL is none, of `.missingInput` if there is no such journal, of
  ///   `.invalidData` if it is of another version, of `.cannotCreate` if the database cannot be reached.
  public init(at location: JournalLocation) async throws {
    let address = try PostgreSQLAddress(location)
    self.address = address
    do {
      connection = try await queue.run {
        let connection = try PostgreSQLConnection(address)
        try connection.runAll("SET default_transaction_read_only = on")
        try PostgreSQLSchema.check(connection, address)
        return connection
      }
    } catch let error as PostgreSQLError {
      throw CopurError(.cannotCreate, "\(address.name): the journal cannot be opened", cause: error)
    }
  }

  public var name: String { address.name }

  public func forEachRound(session: String?, _ body: (JournalRound) throws -> Void) async throws {
    let (connection, schema) = (connection, address.schema)
    // As of one moment: a round is listed once, however far it comes meanwhile.
    try await reading { try connection.runAll("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") }
    do {
      let names = try await reading { try PostgreSQLNames(connection, schema: schema) }
      try await forEachRow(of: .verdict) { row in
        let agents = try names.model(row.integer(2)).agents
        for verdict in try names.verdicts(row) where session == nil || verdict.session == session {
          try body(JournalRound(verdict, agents: agents))
        }
      }
      for round in try await aborted(names) + open() where session == nil || round.session == session {
        try body(round)
      }
    } catch {
      try? await reading { try connection.runAll("ROLLBACK") }
      throw error
    }
    try await reading { try connection.runAll("COMMIT") }
  }

  /// Checks every row by ``JournalCheck``, as of one moment.
  public func verify() async throws -> JournalReport {
    let (connection, schema) = (connection, address.schema)
    return try await reading {
      try connection.snapshot {
        var check = JournalCheck()
        let names = try PostgreSQLNames(connection, schema: schema)
        for table in PostgreSQLTable.allCases {
          try connection.forEachRow(
            of: "SELECT \(table.columns) FROM \(schema).\(table) ORDER BY session, sequence"
          ) { check.read($0, of: table, names) }
        }
        check.report.sessions = names.sessions.count
        check.report.storage = try PostgreSQLSchema.size(connection, schema: schema)
        return check.finished()
      }
    }
  }

  /// Reads a table's rows in the order in which they were stored, a few at a time; in a transaction.
  private func forEachRow(of table: PostgreSQLTable, _ body: (PostgreSQLRow) throws -> Void) async throws {
    let (connection, schema) = (connection, address.schema)
    try await reading {
      try connection.runAll(
        "DECLARE listed NO SCROLL CURSOR FOR SELECT \(table.columns) FROM \(schema).\(table) ORDER BY sequence")
    }
    while true {
      let rows = try await reading {
        try connection.run("FETCH \(PostgreSQLConnection.rowsAtATime) FROM listed")
      }
      for row in rows { try body(row) }
      if rows.count < PostgreSQLConnection.rowsAtATime { break }
    }
    try await reading { try connection.runAll("CLOSE listed") }
  }

  /// Gives errors of the database words of our own.
  func reading<Result: Sendable>(_ read: @escaping @Sendable () throws -> Result)
    async throws -> Result
  {
    do {
      return try await queue.run(read)
    } catch let error as CopurError {
      throw CopurError(error.code, "\(name): \(error.message)", cause: error.cause)
    } catch let error as PostgreSQLError {
      throw CopurError(.io, "\(name): the journal cannot be read", cause: error)
    }
  }

  private func open() async throws -> [JournalRound] {
    let (connection, schema) = (connection, address.schema)
    let recovery = try await reading {
      try PostgreSQLScan(connection, schema: schema, remembering: 0).recovery
    }
    let defenses = Dictionary(uniqueKeysWithValues: recovery.sessions.map { ($0.name, $0.defense) })
    return recovery.open.map { round in
      JournalRound(
        session: round.session, sample: round.sample, status: .open,
        contributed: round.blocks.map(\.agent).sorted(),
        modelVersion: round.blocks[0].modelVersion, defense: defenses[round.session] ?? "",
        reason: nil)
    }
  }

  private func aborted(_ names: PostgreSQLNames) async throws -> [JournalRound] {
    var rounds: [(key: PostgreSQLScan.RoundKey, name: String, defense: String, reason: String)] = []
    try await forEachRow(of: .aborted) { row in
      let session = try names.session(row.integer(1))
      for sample in try JournalBytes.numbers(row.data(2), of: UInt64.self) {
        let key = PostgreSQLScan.RoundKey(session: try row.integer(1), sample: sample)
        rounds.append((key, session.name, session.defense, try row.text(3)))
      }
    }
    guard !rounds.isEmpty else { return [] }
    // Rounds are given up at a start alone, so there are few of them: their contributors are looked for.
    let wanted = Set(rounds.map(\.key))
    let (connection, schema) = (connection, address.schema)
    let sessions = Set(rounds.map { String($0.key.session) }).sorted().joined(separator: ",")
    let blocks = try await reading {
      var blocks: [PostgreSQLScan.RoundKey: (agents: [AgentID], modelVersion: String)] = [:]
      try connection.forEachRow(
        of: """
          SELECT session, agent, model, samples FROM \(schema).contribution WHERE session = ANY ('{\(sessions)}')
          ORDER BY session, sequence
          """
      ) { row in
        for sample in try JournalBytes.numbers(row.data(3), of: UInt64.self) {
          let key = PostgreSQLScan.RoundKey(session: try row.integer(0), sample: sample)
          guard wanted.contains(key) else { continue }
          let version = try names.model(row.integer(2)).version
          blocks[key, default: ([], version)].agents.append(try names.agent(row.integer(1)))
        }
      }
      return blocks
    }
    return rounds.map { round in
      let known = blocks[round.key]
      return JournalRound(
        session: round.name, sample: round.key.sample, status: .aborted,
        contributed: known?.agents.sorted() ?? [],
        modelVersion: known?.modelVersion ?? "", defense: round.defense, reason: round.reason)
    }
  }
}

extension JournalCheck {
  /// Checks a row; one that cannot be understood is a fault.
  fileprivate mutating func read(
    _ row: PostgreSQLRow, of table: PostgreSQLTable, _ names: PostgreSQLNames
  ) {
    do {
      switch table {
      case .contribution:
        _ = try names.model(row.integer(3))
        try readContribution(
          session: names.session(row.integer(1)).name, agent: names.agent(row.integer(2)),
          samples: JournalBytes.numbers(row.data(4), of: UInt64.self),
          hashes: JournalBytes.numbers(row.data(5), of: UInt64.self),
          values: JournalBytes.numbers(row.data(6), of: Float.self))
      case .verdict:
        for verdict in try names.verdicts(row) { read(verdict) }
      case .aborted:
        readAborted(
          session: try names.session(row.integer(1)).name,
          samples: try JournalBytes.numbers(row.data(2), of: UInt64.self))
      }
    } catch {
      report.found("\(table.rawValue) \((try? row.integer(0)) ?? 0): \(error)")
    }
  }
}
