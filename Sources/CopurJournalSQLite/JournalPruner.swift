internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import GRDB

/// Removes the rows of rounds that were closed long ago, of a journal that a service may write to meanwhile.
///
/// First the rounds are noted as pruned, all in one transaction: from then on their rows do not count. The rows are removed
/// a few in each transaction, so that a service never waits long; where that is cut off, the next pruning goes on.
final class JournalPruner {
  private let path: String
  private let queue: DatabaseQueue
  /// The right to write alone; nil while a service has it.
  private let lock: JournalLock?
  private static let rowsAtATime = 64

  /// - Throws: ``CopurError`` as `JournalKind/prune(_:_:)`.
  init(path: String) throws {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      throw CopurError(.missingInput, "\(path): there is no such journal")
    }
    let promised = try AcknowledgedRows(of: path)
    let lock: JournalLock?
    do { lock = try JournalLock(path: path) } catch let error as CopurError where error.code == .unavailable {
      lock = nil
    }
    let isAlone = lock != nil
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    queue = try JournalSchema.naming(path) {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { database in
        let version = try JournalSchema.check(database, path: path)
        try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
        guard version < JournalSchema.version else { return }
        guard isAlone else {
          throw CopurError(
            .unavailable,
            "\(path): an older program writes to this journal, whose rounds are not pruned meanwhile (version, needed: "
              + "\(JournalSchema.version), actual: \(version))")
        }
        try database.inTransaction {
          try JournalSchema.prepare(database, path: path)
          return .commit
        }
      }
      if let missing = promised?.missing(in: try queue.read(JournalSchema.lastRows)), !missing.isEmpty {
        throw CopurError(.invalidData, "\(path): \(missing.joined(separator: "; ")): see `copur journal salvage`")
      }
      return queue
    }
    self.lock = lock
  }

  // The connection first: see JournalLock.
  deinit { try? queue.close() }

  func prune(_ pruning: JournalPruning) throws -> PruningReport {
    do {
      var report = PruningReport()
      report.storageBefore = JournalSchema.size(of: path)
      let now = Int64(Date().timeIntervalSince1970)
      let (rounds, horizon) = try queue.read { try PrunableRounds.read(pruning, at: now, $0) }
      report.rounds = rounds.values.reduce(0) { $0 + $1.count }
      try queue.write { database in
        try JournalSchema.store(moment: now, JournalSchema.lastRows(database), database)
        // Read again: another pruning may have been there since.
        let pruned = try JournalNames(database).pruned
        for (session, samples) in rounds where samples.count > 0 {
          var all = pruned[session] ?? SampleSet()
          all.formUnion(samples)
          try JournalSchema.store(pruned: all, session: session, database)
        }
      }
      for table in AcknowledgedRows.tables {
        report.bytes += try removeRows(of: table, through: horizon[table])
      }
      if pruning.session == nil { try queue.write { try JournalSchema.forgetMoments(before: horizon, $0) } }
      if lock != nil { report.gaveSpaceBack = try compact() }
      report.storageAfter = JournalSchema.size(of: path)
      return report
    } catch let error as DatabaseError {
      let isBroken = error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
      throw CopurError(isBroken ? .invalidData : .io, "\(path): the journal cannot be pruned", cause: error)
    } catch let error as CopurError where !error.message.hasPrefix(path) {
      throw CopurError(error.code, "\(path): \(error.message)", cause: error.cause)
    }
  }

  /// - Returns: How many bytes of records were removed.
  private func removeRows(of table: String, through end: Int64) throws -> Int {
    var (last, bytes): (Int64, Int) = (0, 0)
    let clock = ContinuousClock()
    while last < end {
      let start = clock.now
      let step = try queue.write { database in
        try RowRemoval(of: table, names: JournalNames(database))
          .remove(after: last, through: end, limit: Self.rowsAtATime, database)
      }
      (last, bytes) = (step.last, bytes + step.bytes)
      // A service that waits for its turn gets it.
      if lock == nil { Thread.sleep(forTimeInterval: 2 * (start.duration(to: clock.now) / .seconds(1))) }
    }
    return bytes
  }

  /// Gives free pages back to the system.
  ///
  /// - Returns: Whether it did: not where a reader holds on to what is older, or where there is no room for the copy.
  private func compact() throws -> Bool {
    do {
      return try queue.writeWithoutTransaction { database in
        try database.execute(sql: "VACUUM")
        // busy, frames in the WAL, frames copied
        let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        return row?[0] == 0
      }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL || error.resultCode == .SQLITE_BUSY {
      return false
    }
  }
}
