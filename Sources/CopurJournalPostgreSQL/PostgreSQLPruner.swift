internal import CopurCore
internal import CopurFusionCenter
internal import Foundation

/// Removes the records of rounds that were closed long ago, of a journal that services may write to meanwhile.
///
/// A session at a time, in one transaction: its closed rounds are noted as pruned, and their verdicts and blocks go. Services
/// wait for nothing, since none of the rows that they write is touched.
struct PostgreSQLPruner {
  private let address: PostgreSQLAddress
  private let connection: PostgreSQLConnection
  private let pruning: JournalPruning
  private var schema: String { address.schema }
  /// `stored` is not after the moment, the second value of a statement.
  private static let isOld = "stored <= to_timestamp($2::bigint / 1000.0)"

  /// - Throws: ``CopurError`` as `JournalKind/prune(_:_:)`; ``PostgreSQLError``.
  init(_ address: PostgreSQLAddress, _ pruning: JournalPruning) throws {
    self.address = address
    self.pruning = pruning
    connection = try PostgreSQLConnection(address)
    try PostgreSQLSchema.check(connection, address)
  }

  func prune() throws -> PruningReport {
    var report = PruningReport()
    let before = try PostgreSQLSchema.size(connection, schema: schema)
    // Of two prunings one waits for the other.
    try connection.run("SELECT pg_advisory_lock(\(PostgreSQLSchema.lockClass), hashtext('\(schema)') # 2)")
    for session in try sessions() {
      // Of one moment: a verdict that is committed meanwhile is not removed without being noted.
      let removed = try connection.snapshot(writes: !pruning.isDryRun) { try prune(session) }
      report.rounds += removed.rounds
      report.bytes += removed.bytes
    }
    guard !pruning.isDryRun else { return report }
    if report.rounds > 0 {
      for table in PostgreSQLTable.allCases { try connection.runAll("VACUUM \(schema).\(table)") }
    }
    let after = try PostgreSQLSchema.size(connection, schema: schema)
    (report.storageBefore, report.storageAfter) = (before, after)
    report.gaveSpaceBack = after < before
    return report
  }

  private func sessions() throws -> [Int64] {
    guard let name = pruning.session else {
      return try connection.run("SELECT id FROM \(schema).session WHERE defense IS NOT NULL ORDER BY id")
        .map { try $0.integer(0) }
    }
    let row = try connection.run(
      "SELECT id FROM \(schema).session WHERE name = $1 AND defense IS NOT NULL", .text(name)
    ).first
    guard let row else { throw CopurError(.missingInput, "there is no session \"\(name)\" in the journal") }
    return [try row.integer(0)]
  }

  private func prune(_ session: Int64) throws -> (rounds: Int, bytes: Int) {
    let moment = PostgreSQLValue.integer(Int64(pruning.closedBy.timeIntervalSince1970 * 1000))
    var rounds = SampleSet()
    var bytes = 0
    for (table, columns) in [
      (PostgreSQLTable.verdict, ["samples", "labels", "contributed", "suspects", "details", "certified"]),
      (.aborted, ["samples"]),
    ] {
      let rows = try connection.run(
        "SELECT samples, (\(sizes(columns)))::bigint FROM \(schema).\(table) WHERE session = $1 AND \(Self.isOld)",
        .integer(session), moment)
      for row in rows {
        for sample in try JournalBytes.numbers(row.data(0), of: UInt64.self) { rounds.insert(sample) }
        bytes += Int(try row.integer(1))
      }
      if !pruning.isDryRun, !rows.isEmpty {
        try connection.run(
          "DELETE FROM \(schema).\(table) WHERE session = $1 AND \(Self.isOld)", .integer(session), moment)
      }
    }
    guard rounds.count > 0 else { return (0, 0) }
    bytes += try removeBlocks(of: rounds, in: session, moment)
    if !pruning.isDryRun { try note(rounds, in: session) }
    return (rounds.count, bytes)
  }

  private func sizes(_ columns: [String]) -> String {
    columns.map { "octet_length(\($0))" }.joined(separator: " + ")
  }

  /// - Returns: How many bytes of records they were.
  private func removeBlocks(
    of rounds: SampleSet, in session: Int64, _ moment: PostgreSQLValue
  ) throws -> Int {
    var (bytes, whole, partial): (Int, [Int64], [Int64]) = (0, [], [])
    let milliseconds = Int64(pruning.closedBy.timeIntervalSince1970 * 1000)
    try connection.forEachRow(
      of: """
        SELECT sequence, samples, (\(sizes(["samples", "hashes", "payload"])))::bigint FROM \(schema).contribution
        WHERE session = \(session) AND stored <= to_timestamp(\(milliseconds)::bigint / 1000.0) ORDER BY sequence
        """
    ) { row in
      let samples = try JournalBytes.numbers(row.data(1), of: UInt64.self)
      let count = samples.count { rounds.contains($0) }
      guard count > 0 else { return }
      bytes += Int(try row.integer(2)) * count / samples.count
      if count == samples.count { whole.append(try row.integer(0)) } else { partial.append(try row.integer(0)) }
    }
    guard !pruning.isDryRun else { return bytes }
    for start in stride(from: 0, to: whole.count, by: 4096) {
      try connection.run(
        "DELETE FROM \(schema).contribution WHERE session = $1 AND sequence = ANY ($2)", .integer(session),
        .integers(Array(whole[start..<min(start + 4096, whole.count)])))
    }
    for row in partial { try shorten(row, in: session, without: rounds) }
    return bytes
  }

  /// Writes a contribution anew, with its blocks of other rounds.
  private func shorten(_ sequence: Int64, in session: Int64, without rounds: SampleSet) throws {
    let row = try connection.run(
      "SELECT samples, hashes, payload FROM \(schema).contribution WHERE session = $1 AND sequence = $2",
      .integer(session), .integer(sequence))[0]
    let samples = try JournalBytes.numbers(row.data(0), of: UInt64.self)
    let hashes = try JournalBytes.numbers(row.data(1), of: UInt64.self)
    let values = try JournalBytes.numbers(row.data(2), of: Float.self)
    guard hashes.count == samples.count, values.count % samples.count == 0 else {
      throw CopurError(
        .invalidData, "contribution \(sequence) has no hash and block a sample: see `copur journal verify`")
    }
    let (width, kept) = (values.count / samples.count, samples.indices.filter { !rounds.contains(samples[$0]) })
    try connection.run(
      "UPDATE \(schema).contribution SET samples = $3, hashes = $4, payload = $5 WHERE session = $1 AND sequence = $2",
      .integer(session), .integer(sequence), .bytes(JournalBytes.data(kept.map { samples[$0] })),
      .bytes(JournalBytes.data(kept.map { hashes[$0] })),
      .bytes(JournalBytes.data(kept.flatMap { values[$0 * width..<($0 + 1) * width] })))
  }

  /// They stay closed.
  private func note(_ rounds: SampleSet, in session: Int64) throws {
    var all = rounds
    let row = try connection.run("SELECT samples FROM \(schema).pruned WHERE session = $1", .integer(session)).first
    if let row { all.formUnion(try SampleSet(bytes: row.data(0))) }
    try connection.run(
      """
      INSERT INTO \(schema).pruned (session, samples) VALUES ($1, $2)
      ON CONFLICT (session) DO UPDATE SET samples = excluded.samples
      """, .integer(session), .bytes(all.bytes))
  }
}
