internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import GRDB

/// Takes the whole rounds out of a journal file that is damaged, and puts them into a new one.
///
/// It reads a copy, row by row, and goes on behind what cannot be read. A block is whole if it agrees with its fingerprint, a
/// verdict if the blocks of all of its contributors are. Rounds whose verdict may be lost are given up rather than left open:
/// they would be decided a second time.
struct JournalSalvage {
  private struct Speaker: Hashable {
    let session: Int64
    let agent: Int64
  }

  private let path: String
  private let copy: JournalCopy
  private let source: DatabaseQueue
  private let promised: AcknowledgedRows?
  private(set) var report = SalvageReport()
  private var blocks: [Speaker: SampleSet] = [:]
  private var contributed: [Int64: SampleSet] = [:]
  private var closed: [Int64: SampleSet] = [:]

  /// - Throws: ``CopurError``: `.missingInput` if there is no file, `.invalidData` if nothing of it can be read.
  init(of path: String) throws {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      throw CopurError(.missingInput, "\(path): there is no such journal")
    }
    promised = try? AcknowledgedRows(of: path)
    do { copy = try JournalCopy(of: path) } catch {
      throw CopurError(.io, "\(path): the journal cannot be copied to a temporary folder", cause: error)
    }
    do {
      source = try Self.opened(copy.path)
    } catch {
      try JournalHeader.rewrite(copy.path, of: path)
      do { source = try Self.opened(copy.path) } catch {
        throw CopurError(.invalidData, "\(path): no table of a journal can be read in it", cause: error)
      }
      report.headerWasRewritten = true
    }
  }

  private static func opened(_ path: String) throws -> DatabaseQueue {
    let queue = try DatabaseQueue(path: path)
    _ = try queue.read { try JournalSchema.check($0, path: path) }
    return queue
  }

  /// Writes what is whole into a new journal.
  ///
  /// - Throws: ``CopurError``: `.cannotCreate` if something is there or cannot be written, `.invalidData` if the names that all
  ///   rows refer to cannot be read.
  mutating func write(to target: String) throws -> SalvageReport {
    guard !FileManager.default.fileExists(atPath: target) else {
      throw CopurError(.cannotCreate, "\(target): rounds are salvaged to a new file (it is there)")
    }
    let names: JournalNames
    do { names = try source.read { try JournalNames($0) } } catch {
      throw CopurError(
        .invalidData, "\(path): the agents, sessions and models that all rows refer to cannot be read", cause: error)
    }
    let new = try JournalSchema.naming(target) {
      let new = try DatabaseQueue(path: target)
      try new.write { try JournalSchema.prepare($0, path: target) }
      return new
    }
    do {
      try copyNames(names, to: new)
      try copyContributions(names, to: new)
      try copyVerdicts(names, to: new)
      try copyAborted(names, to: new)
      try giveUpRest(in: new)
    } catch let error as DatabaseError {
      throw CopurError(.cannotCreate, "\(target): the salvaged journal cannot be written", cause: error)
    }
    return report
  }

  private func copyNames(_ names: JournalNames, to new: DatabaseQueue) throws {
    try new.write { database in
      for (id, agent) in names.agents {
        try database.execute(sql: "INSERT INTO agent (id, name) VALUES (?, ?)", arguments: [id, agent.name])
      }
      for (id, session) in names.sessions {
        try database.execute(
          sql: "INSERT INTO session (id, name, defense) VALUES (?, ?, ?)",
          arguments: [id, session.name, session.defense])
      }
      for (id, model) in names.models {
        try database.execute(
          sql: "INSERT INTO model (id, version, agents) VALUES (?, ?, ?)",
          arguments: [id, model.version, model.agents.map(\.name).joined(separator: " ")])
      }
      for (session, samples) in names.pruned {
        try JournalSchema.store(pruned: samples, session: session, database)
      }
      // Contributions keep their numbers, and so the gaps between them.
      if let removed = names.removed["contribution"] {
        try JournalSchema.store(removed: removed, of: "contribution", database)
      }
    }
  }

  private mutating func copyContributions(_ names: JournalNames, to new: DatabaseQueue) throws {
    try forEachRow(of: "contribution", into: new) { salvage, row, database in
      let (session, agent): (Int64, Int64) = (row["session"], row["agent"])
      _ = (try names.session(session), try names.agent(agent), try names.model(row["model"]))
      guard let blocks = try ContributionBlocks(row).without(names.pruned[session]) else { return }
      let (samples, hashes, values) = (blocks.samples, blocks.hashes, blocks.values)
      let width = values.count / samples.count
      let speaker = Speaker(session: session, agent: agent)
      let whole = samples.indices.filter { index in
        BlockHash.of(values[index * width..<(index + 1) * width]) == hashes[index]
          && salvage.blocks[speaker, default: SampleSet()].insert(samples[index])
      }
      salvage.report.blocks += whole.count
      salvage.report.lostBlocks += samples.count - whole.count
      guard !whole.isEmpty else { return }
      for index in whole { salvage.contributed[session, default: SampleSet()].insert(samples[index]) }
      try database.execute(
        sql: "INSERT INTO contribution VALUES (?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          row["sequence"] as Int64, session, agent, row["model"] as Int64,
          JournalBytes.data(whole.map { samples[$0] }), JournalBytes.data(whole.map { hashes[$0] }),
          JournalBytes.data(whole.flatMap { values[$0 * width..<($0 + 1) * width] }),
        ])
    }
  }

  private mutating func copyVerdicts(_ names: JournalNames, to new: DatabaseQueue) throws {
    let agents = Dictionary(uniqueKeysWithValues: names.agents.map { ($0.value, $0.key) })
    try forEachRow(of: "verdict", into: new) { salvage, row, database in
      let session: Int64 = row["session"]
      let model: Int64 = row["model"]
      func hasBlock(_ agent: AgentID, _ sample: UInt64) -> Bool {
        guard let id = agents[agent] else { return false }
        return salvage.blocks[Speaker(session: session, agent: id)]?.contains(sample) == true
      }
      let verdicts = try names.verdicts(row)
      let whole = verdicts.filter { verdict in
        verdict.contributed.allSatisfy { hasBlock($0, verdict.sample) }
          && !verdict.missing.contains { hasBlock($0, verdict.sample) }
          && salvage.closed[session, default: SampleSet()].insert(verdict.sample)
      }
      salvage.report.decided += whole.count
      salvage.report.lostVerdicts += verdicts.count - whole.count
      guard !whole.isEmpty else { return }
      _ = try JournalSchema.insert(
        VerdictRow(whole, agents: try names.model(model).agents), session: session, model: model,
        defense: row["defense"], database)
    }
  }

  private mutating func copyAborted(_ names: JournalNames, to new: DatabaseQueue) throws {
    try forEachRow(of: "aborted", into: new) { salvage, row, database in
      let session: Int64 = row["session"]
      let samples = try names.aborted(row).filter {
        salvage.closed[session, default: SampleSet()].insert($0)
      }
      try salvage.giveUp(samples, session: session, reason: row["reason"], in: database)
    }
  }

  /// Gives up rounds that would be decided a second time, where verdicts are lost.
  private mutating func giveUpRest(in new: DatabaseQueue) throws {
    guard report.lostRows["verdict"] != nil || report.lostVerdicts > 0 else { return }
    for (session, samples) in contributed {
      let open = samples.numbers.filter { closed[session]?.contains($0) != true }
      guard !open.isEmpty else { continue }
      try new.write { database in
        try giveUp(open, session: session, reason: "the journal was damaged, and the verdict may be lost", in: database)
      }
    }
  }

  private mutating func giveUp(_ samples: [UInt64], session: Int64, reason: String, in database: Database) throws {
    guard !samples.isEmpty else { return }
    report.aborted += samples.count
    try database.execute(
      sql: "INSERT INTO aborted (session, samples, reason) VALUES (?, ?, ?)",
      arguments: [session, JournalBytes.data(samples), reason])
  }

  /// Reads a table in the order of its rows; what cannot be read is passed over, one number at a time, and counted.
  private mutating func forEachRow(
    of table: String, into new: DatabaseQueue, _ body: (inout JournalSalvage, Row, Database) throws -> Void
  ) throws {
    let end = lastRow(of: table)
    let removed = try source.read { try JournalNames($0) }.removed[table] ?? SampleSet()
    var (next, step, lost): (Int64, Int64, Int) = (1, 64, 0)
    while next <= end {
      do {
        let rows = try source.read {
          try Row.fetchAll(
            $0, sql: "SELECT * FROM \(table) WHERE sequence >= ? AND sequence < ? ORDER BY sequence",
            arguments: [next, next + step])
        }
        try new.write { database in
          for row in rows {
            do { try body(&self, row, database) } catch is CopurError { lost += 1 }
          }
          let there = Set(rows.map { $0["sequence"] as Int64 })
          lost += (next...min(next + step - 1, end)).count { !there.contains($0) && !removed.contains(UInt64($0)) }
        }
        (next, step) = (next + step, 64)
      } catch let error as DatabaseError where Self.isDamage(error) {
        // One by one, so that the good rows beside the damaged one are kept.
        if step > 1 { step = 1 } else { (next, lost) = (next + 1, lost + 1) }
      }
    }
    if lost > 0 { report.lostRows[table] = lost }
  }

  /// The number of a table's last row, as far as that can still be known.
  private func lastRow(of table: String) -> Int64 {
    let readable =
      (try? source.read { try Int64.fetchOne($0, sql: "SELECT max(sequence) FROM \(table)") }) ?? nil
    return max(readable ?? 0, promised?[table] ?? 0)
  }

  private static func isDamage(_ error: DatabaseError) -> Bool {
    [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR].contains(error.resultCode)
  }
}
