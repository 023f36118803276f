internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import GRDB

/// The rounds of a journal, read once from end to end; payloads of open rounds alone.
struct JournalScan {
  private(set) var recovery = JournalRecovery()
  /// The row with the first block of each open round.
  private(set) var firstRows: [JournalIndex.RoundKey: Int64] = [:]

  private let names: JournalNames
  private var closed: [Int64: SampleSet] = [:]
  private var decided: [JournalIndex.RoundKey: Int] = [:]
  private var open: [JournalIndex.RoundKey: Int] = [:]

  /// - Parameter rounds: The most decided rounds to tell of one by one, the latest.
  /// - Throws: ``CopurError`` of code `.invalidData` if a row cannot be understood; GRDB's errors.
  init(_ database: Database, remembering rounds: Int) throws {
    names = try JournalNames(database)
    try readClosed(database)
    try readDecided(database, limit: rounds)
    try readContributions(database)
    recovery.sessions = names.sessions.sorted { $0.key < $1.key }.map { id, session in
      JournalRecovery.Session(name: session.name, defense: session.defense, closed: closed[id] ?? SampleSet())
    }
  }

  private mutating func readClosed(_ database: Database) throws {
    closed = names.pruned
    for table in ["verdict", "aborted"] {
      let rows = try Row.fetchCursor(database, sql: "SELECT session, samples FROM \(table) ORDER BY sequence")
      // Taken out while rows are of one session, so that the dictionary is not asked for each of them.
      var (session, samples) = (Int64?.none, SampleSet())
      while let row = try rows.next() {
        let next: Int64 = row[0]
        if next != session {
          if let session { closed[session] = samples }
          (session, samples) = (next, closed.removeValue(forKey: next) ?? SampleSet())
        }
        try row.withUnsafeData(atIndex: 1) { try samples.insert(numbers: $0 ?? Data()) }
      }
      if let session { closed[session] = samples }
    }
  }

  private mutating func readDecided(_ database: Database, limit: Int) throws {
    var newestFirst: [(Int64, Verdict)] = []
    let rows = try Row.fetchCursor(database, sql: "SELECT * FROM verdict ORDER BY sequence DESC")
    while newestFirst.count < limit, let row = try rows.next() {
      let session: Int64 = row["session"]
      newestFirst += try names.verdicts(row).reversed().map { (session, $0) }
    }
    for (session, verdict) in newestFirst.prefix(limit).reversed() {
      decided[JournalIndex.RoundKey(session: session, sample: verdict.sample)] = recovery.decided.count
      recovery.decided.append(JournalRecovery.Decided(verdict: verdict, hashes: [:]))
    }
  }

  private mutating func readContributions(_ database: Database) throws {
    let floor = try Int64.fetchOne(database, sql: "SELECT floor FROM progress") ?? 0
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT sequence, session, agent, model, samples, hashes FROM contribution WHERE sequence >= ? ORDER BY sequence
        """, arguments: [floor])
    while let row = try rows.next() {
      let samples = try JournalBytes.numbers(row["samples"], of: UInt64.self)
      let hashes = try JournalBytes.numbers(row["hashes"], of: UInt64.self)
      guard samples.count == hashes.count, !samples.isEmpty else {
        throw CopurError(
          .invalidData,
          "a contribution has a hash a sample (samples: \(samples.count), hashes: \(hashes.count))")
      }
      try read(
        samples, hashes, row: row["sequence"], session: row["session"], agent: names.agent(row["agent"]),
        modelVersion: names.model(row["model"]).version, database)
    }
  }

  private mutating func read(
    _ samples: [UInt64], _ hashes: [UInt64], row: Int64, session: Int64, agent: AgentID, modelVersion: String,
    _ database: Database
  ) throws {
    var values: [Float] = []
    for (position, sample) in samples.enumerated() {
      let key = JournalIndex.RoundKey(session: session, sample: sample)
      if let index = decided[key] {
        recovery.decided[index].hashes[agent] = hashes[position]
      } else if closed[session]?.contains(sample) != true {
        if values.isEmpty { values = try payload(of: row, samples: samples.count, database) }
        let width = values.count / samples.count
        let block = JournalRecovery.Open.Block(
          agent: agent, modelVersion: modelVersion, values: Array(values[position * width..<(position + 1) * width]))
        if let index = open[key] {
          recovery.open[index].blocks.append(block)
        } else {
          open[key] = recovery.open.count
          firstRows[key] = row
          recovery.open.append(
            JournalRecovery.Open(session: try names.session(session).name, sample: sample, blocks: [block]))
        }
      }
    }
  }

  private func payload(of row: Int64, samples: Int, _ database: Database) throws -> [Float] {
    let payload = try Data.fetchOne(
      database, sql: "SELECT payload FROM contribution WHERE sequence = ?", arguments: [row])
    let values = try JournalBytes.numbers(payload ?? Data(), of: Float.self)
    guard !values.isEmpty, values.count % samples == 0 else {
      throw CopurError(
        .invalidData, "a contribution's blocks are of one width (samples: \(samples), values: \(values.count))")
    }
    return values
  }
}
