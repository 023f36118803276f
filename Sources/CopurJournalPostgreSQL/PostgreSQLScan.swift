internal import CopurCore
internal import CopurFusionCenter
internal import Foundation

/// The rounds of a journal's sessions, read once from end to end; payloads of open rounds alone.
struct PostgreSQLScan {
  /// A round in a journal.
  struct RoundKey: Hashable {
    let session: Int64
    let sample: UInt64
  }

  private(set) var recovery = JournalRecovery()
  /// By session the number of the contribution with the first block of each open round.
  private(set) var firstRows: [Int64: [UInt64: Int64]] = [:]

  private let schema: String
  private let names: PostgreSQLNames
  private var closed: [Int64: SampleSet] = [:]
  private var decided: [RoundKey: Int] = [:]
  private var open: [RoundKey: Int] = [:]
  /// Rounds whose values are not read yet, by the number of the contribution.
  private var unread: [Int64: [Unread]] = [:]
  /// The number of the contribution with the first block of each open round, in the recovery's order.
  private var firsts: [Int64] = []

  private struct Unread {
    let session: Int64
    let round: Int
    let agent: AgentID
    let modelVersion: String
    let position: Int
    let samples: Int
  }

  /// Reads; in a transaction that sees one moment.
  ///
  /// - Parameters:
  ///   - sessions: The numbers of the sessions; nil: all.
  ///   - rounds: The most decided rounds to tell of one by one, the latest.
  /// - Throws: ``CopurError`` of code `.invalidData` if a row cannot be understood; ``PostgreSQLError``.
  init(
    _ connection: PostgreSQLConnection, schema: String, sessions: [Int64]? = nil, remembering rounds: Int
  ) throws {
    self.schema = schema
    names = try PostgreSQLNames(connection, schema: schema)
    let wanted = sessions.map { "session = ANY ('{\($0.map(String.init).joined(separator: ","))}')" } ?? "true"
    try readClosed(wanted, connection)
    if rounds > 0 { try readDecided(wanted, connection, limit: rounds) }
    try readContributions(wanted, connection)
    let known = names.sessions.filter { sessions?.contains($0.key) ?? true }
    recovery.sessions = known.sorted { $0.key < $1.key }.map { id, session in
      JournalRecovery.Session(
        name: session.name, defense: session.defense, closed: closed[id] ?? SampleSet())
    }
  }

  private mutating func readClosed(_ wanted: String, _ connection: PostgreSQLConnection) throws {
    for row in try connection.run("SELECT session, samples FROM \(schema).pruned WHERE \(wanted)") {
      closed[try row.integer(0)] = try SampleSet(bytes: row.data(1))
    }
    for table in [PostgreSQLTable.verdict, .aborted] {
      try connection.forEachRow(of: "SELECT session, samples FROM \(schema).\(table) WHERE \(wanted)") { row in
        for sample in try JournalBytes.numbers(row.data(1), of: UInt64.self) {
          closed[try row.integer(0), default: SampleSet()].insert(sample)
        }
      }
    }
  }

  private mutating func readDecided(_ wanted: String, _ connection: PostgreSQLConnection, limit: Int) throws {
    var newestFirst: [(Int64, Verdict)] = []
    // A row has a verdict at least.
    try connection.forEachRow(
      of: """
        SELECT \(PostgreSQLTable.verdict.columns) FROM \(schema).verdict WHERE \(wanted) ORDER BY sequence DESC LIMIT \(limit)
        """
    ) { row in
      guard newestFirst.count < limit else { return }
      let session = try row.integer(1)
      newestFirst += try names.verdicts(row).reversed().map { (session, $0) }
    }
    for (session, verdict) in newestFirst.prefix(limit).reversed() {
      decided[RoundKey(session: session, sample: verdict.sample)] = recovery.decided.count
      recovery.decided.append(JournalRecovery.Decided(verdict: verdict, hashes: [:]))
    }
  }

  private mutating func readContributions(_ wanted: String, _ connection: PostgreSQLConnection) throws {
    try connection.forEachRow(
      of: """
        SELECT sequence, session, agent, model, samples, hashes
        FROM \(schema).contribution JOIN \(schema).session ON session.id = contribution.session
        WHERE contribution.sequence >= session.floor AND \(wanted) ORDER BY session, sequence
        """
    ) { try read($0) }
    for (row, blocks) in unread.sorted(by: { $0.key < $1.key }) {
      let values = try payload(of: row, in: blocks[0].session, samples: blocks[0].samples, connection)
      let width = values.count / blocks[0].samples
      for block in blocks {
        recovery.open[block.round].blocks.append(
          JournalRecovery.Open.Block(
            agent: block.agent, modelVersion: block.modelVersion,
            values: Array(values[block.position * width..<(block.position + 1) * width])))
      }
    }
    recovery.open = firsts.indices.sorted { (firsts[$0], $0) < (firsts[$1], $1) }.map { recovery.open[$0] }
  }

  private mutating func read(_ row: PostgreSQLRow) throws {
    let (sequence, session) = (try row.integer(0), try row.integer(1))
    let (agent, model) = (try names.agent(row.integer(2)), try names.model(row.integer(3)))
    let samples = try JournalBytes.numbers(row.data(4), of: UInt64.self)
    let hashes = try JournalBytes.numbers(row.data(5), of: UInt64.self)
    guard samples.count == hashes.count, !samples.isEmpty else {
      throw CopurError(
        .invalidData,
        "a contribution has a hash a sample (samples: \(samples.count), hashes: \(hashes.count))")
    }
    for (position, sample) in samples.enumerated() {
      let key = RoundKey(session: session, sample: sample)
      if let index = decided[key] {
        recovery.decided[index].hashes[agent] = hashes[position]
      } else if closed[session]?.contains(sample) != true {
        if open[key] == nil {
          open[key] = recovery.open.count
          firstRows[session, default: [:]][sample] = sequence
          firsts.append(sequence)
          recovery.open.append(
            JournalRecovery.Open(session: try names.session(session).name, sample: sample, blocks: []))
        }
        unread[sequence, default: []].append(
          Unread(
            session: session, round: open[key]!, agent: agent, modelVersion: model.version, position: position,
            samples: samples.count))
      }
    }
  }

  private func payload(
    of row: Int64, in session: Int64, samples: Int, _ connection: PostgreSQLConnection
  ) throws -> [Float] {
    let rows = try connection.run(
      "SELECT payload FROM \(schema).contribution WHERE session = $1 AND sequence = $2", .integer(session),
      .integer(row))
    let values = try JournalBytes.numbers(rows.first?.data(0) ?? Data(), of: Float.self)
    guard !values.isEmpty, values.count % samples == 0 else {
      throw CopurError(
        .invalidData,
        "a contribution's blocks are of one width (samples: \(samples), values: \(values.count))")
    }
    return values
  }
}
