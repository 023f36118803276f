internal import CopurCore
public import CopurFusionCenter
internal import Foundation

/// A journal in a PostgreSQL database, read.
public final class PostgreSQLJournalReader: JournalReader {
  private let address: PostgreSQLAddress
  private let queue = PostgreSQLQueue()
  private let connection: PostgreSQLConnection
  private static let rowsAtATime: Int64 = 256

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
    try await forEachRow(of: .verdict) { row, names in
      let agents = try names.model(row.integer(2)).agents
      for verdict in try names.verdicts(row) where session == nil || verdict.session == session {
        try body(JournalRound(verdict, agents: agents))
      }
    }
    for round in try await aborted() + open() where session == nil || round.session == session {
      try body(round)
    }
  }

  /// Checks every row by ``JournalCheck``, as of one moment.
  public func verify() async throws -> JournalReport {
    let (connection, schema) = (connection, address.schema)
    return try await reading {
      try connection.runAll("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
      defer { try? connection.runAll("COMMIT") }
      var check = JournalCheck()
      let names = try PostgreSQLNames(connection, schema: schema)
      for table in PostgreSQLTable.allCases {
        var last: Int64 = 0
        while true {
          let rows = try table.rows(
            after: last, limit: Self.rowsAtATime, connection, schema: schema)
          guard let final = rows.last else { break }
          last = try final.integer(0)
          for row in rows { check.read(row, of: table, names) }
        }
      }
      check.report.sessions = names.sessions.count
      return check.finished()
    }
  }

  /// Reads a table's rows in their order, a few at a time.
  private func forEachRow(
    of table: PostgreSQLTable, _ body: (PostgreSQLRow, PostgreSQLNames) throws -> Void
  ) async throws {
    let (connection, schema) = (connection, address.schema)
    var last: Int64 = 0
    while true {
      let (rows, names) = try await reading { [last] in
        // The names after the rows, so that there is one for each.
        let rows = try table.rows(after: last, limit: Self.rowsAtATime, connection, schema: schema)
        return (rows, try PostgreSQLNames(connection, schema: schema))
      }
      guard let final = rows.last else { return }
      last = try final.integer(0)
      for row in rows { try body(row, names) }
    }
  }

  /// Gives errors of the database words of our own.
  private func reading<Result: Sendable>(_ read: @escaping @Sendable () throws -> Result)
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

  private func aborted() async throws -> [JournalRound] {
    var rounds: [(key: PostgreSQLIndex.RoundKey, name: String, defense: String, reason: String)] =
      []
    try await forEachRow(of: .aborted) { row, names in
      let session = try names.session(row.integer(1))
      for sample in try JournalBytes.numbers(row.data(2), of: UInt64.self) {
        let key = PostgreSQLIndex.RoundKey(session: try row.integer(1), sample: sample)
        rounds.append((key, session.name, session.defense, try row.text(3)))
      }
    }
    guard !rounds.isEmpty else { return [] }
    // Rounds are given up at a start alone, so there are few of them: their contributors are looked for.
    let wanted = Set(rounds.map(\.key))
    var blocks: [PostgreSQLIndex.RoundKey: (agents: [AgentID], modelVersion: String)] = [:]
    try await forEachRow(of: .contribution) { row, names in
      for sample in try JournalBytes.numbers(row.data(4), of: UInt64.self) {
        let key = PostgreSQLIndex.RoundKey(session: try row.integer(1), sample: sample)
        guard wanted.contains(key) else { continue }
        let version = try names.model(row.integer(3)).version
        blocks[key, default: ([], version)].agents.append(try names.agent(row.integer(2)))
      }
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
