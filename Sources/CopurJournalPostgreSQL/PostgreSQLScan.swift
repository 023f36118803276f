internal import CopurCore
internal import CopurFusionCenter
internal import Foundation

/// The rounds of a journal, read once from end to end in one snapshot; payloads of open rounds alone.
struct PostgreSQLScan {
  private(set) var recovery = JournalRecovery()
  /// The row with the first block of each open round.
  private(set) var firstRows: [PostgreSQLIndex.RoundKey: Int64] = [:]

  private let schema: String
  private let names: PostgreSQLNames
  private var closed: [Int64: SampleSet] = [:]
  private var decided: [PostgreSQLIndex.RoundKey: Int] = [:]
  private var open: [PostgreSQLIndex.RoundKey: Int] = [:]
  private static let rowsAtATime: Int64 = 1024

  /// - Parameter rounds: The most decided rounds to tell of one by one, the latest.
  /// - Throws: ``CopurError`` of code `.invalidData` if a row cannot be understood; ``PostgreSQLError``.
  init(_ connection: PostgreSQLConnection, schema: String, remembering rounds: Int) throws {
    self.schema = schema
    try connection.runAll("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    defer { try? connection.runAll("COMMIT") }
    names = try PostgreSQLNames(connection, schema: schema)
    try readClosed(connection)
    try readDecided(connection, limit: rounds)
    try readContributions(connection)
    recovery.sessions = names.sessions.sorted { $0.key < $1.key }.map { id, session in
      JournalRecovery.Session(
        name: session.name, defense: session.defense, closed: closed[id] ?? SampleSet())
    }
  }

  private mutating func readClosed(_ connection: PostgreSQLConnection) throws {
    for table in [PostgreSQLTable.verdict, .aborted] {
      var last: Int64 = 0
      while true {
        let rows = try table.rows(
          after: last, limit: Self.rowsAtATime, columns: "sequence, session, samples", connection,
          schema: schema)
        guard let final = rows.last else { break }
        last = try final.integer(0)
        for row in rows {
          for sample in try JournalBytes.numbers(row.data(2), of: UInt64.self) {
            closed[try row.integer(1), default: SampleSet()].insert(sample)
          }
        }
      }
    }
  }

  private mutating func readDecided(_ connection: PostgreSQLConnection, limit: Int) throws {
    var newestFirst: [(Int64, Verdict)] = []
    var first = Int64.max
    while newestFirst.count < limit {
      let rows = try connection.run(
        """
        SELECT \(PostgreSQLTable.verdict.columns) FROM \(schema).verdict WHERE sequence < $1 ORDER BY sequence DESC LIMIT 256
        """, .integer(first))
      guard let final = rows.last else { break }
      first = try final.integer(0)
      for row in rows {
        let session = try row.integer(1)
        newestFirst += try names.verdicts(row).reversed().map { (session, $0) }
      }
    }
    for (session, verdict) in newestFirst.prefix(limit).reversed() {
      decided[PostgreSQLIndex.RoundKey(session: session, sample: verdict.sample)] =
        recovery.decided.count
      recovery.decided.append(JournalRecovery.Decided(verdict: verdict, hashes: [:]))
    }
  }

  private mutating func readContributions(_ connection: PostgreSQLConnection) throws {
    var last = try connection.run("SELECT floor FROM \(schema).writer")[0].integer(0) - 1
    while true {
      let rows = try PostgreSQLTable.contribution.rows(
        after: last, limit: Self.rowsAtATime,
        columns: "sequence, session, agent, model, samples, hashes", connection,
        schema: schema)
      guard let final = rows.last else { return }
      last = try final.integer(0)
      for row in rows { try read(row, connection) }
    }
  }

  private mutating func read(_ row: PostgreSQLRow, _ connection: PostgreSQLConnection) throws {
    let (sequence, session) = (try row.integer(0), try row.integer(1))
    let (agent, model) = (try names.agent(row.integer(2)), try names.model(row.integer(3)))
    let samples = try JournalBytes.numbers(row.data(4), of: UInt64.self)
    let hashes = try JournalBytes.numbers(row.data(5), of: UInt64.self)
    guard samples.count == hashes.count, !samples.isEmpty else {
      throw CopurError(
        .invalidData,
        "a contribution has a hash a sample (samples: \(samples.count), hashes: \(hashes.count))")
    }
    var values: [Float] = []
    for (position, sample) in samples.enumerated() {
      let key = PostgreSQLIndex.RoundKey(session: session, sample: sample)
      if let index = decided[key] {
        recovery.decided[index].hashes[agent] = hashes[position]
      } else if closed[session]?.contains(sample) != true {
        if values.isEmpty { values = try payload(of: sequence, samples: samples.count, connection) }
        let width = values.count / samples.count
        let block = JournalRecovery.Open.Block(
          agent: agent, modelVersion: model.version,
          values: Array(values[position * width..<(position + 1) * width]))
        if let index = open[key] {
          recovery.open[index].blocks.append(block)
        } else {
          open[key] = recovery.open.count
          firstRows[key] = sequence
          recovery.open.append(
            JournalRecovery.Open(
              session: try names.session(session).name, sample: sample, blocks: [block]))
        }
      }
    }
  }

  private func payload(of row: Int64, samples: Int, _ connection: PostgreSQLConnection) throws
    -> [Float]
  {
    let rows = try connection.run(
      "SELECT payload FROM \(schema).contribution WHERE sequence = $1", .integer(row))
    let values = try JournalBytes.numbers(rows.first?.data(0) ?? Data(), of: Float.self)
    guard !values.isEmpty, values.count % samples == 0 else {
      throw CopurError(
        .invalidData,
        "a contribution's blocks are of one width (samples: \(samples), values: \(values.count))")
    }
    return values
  }
}
