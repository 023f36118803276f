internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import GRDB

/// The rounds of a journal that were closed by a time and are not pruned yet.
enum PrunableRounds {
  /// - Parameter now: Seconds since 1970.
  /// - Returns: The rounds by session, and how far the tables were at the time.
  /// - Throws: ``CopurError`` of code `.missingInput` if there is no such session; `.invalidData`; GRDB's errors.
  static func read(
    _ pruning: JournalPruning, at now: Int64, _ database: Database
  ) throws -> (rounds: [Int64: SampleSet], horizon: AcknowledgedRows) {
    let names = try JournalNames(database)
    var wanted: Int64?
    if let session = pruning.session {
      wanted = names.sessions.first { $0.value.name == session }?.key
      guard wanted != nil else { throw CopurError(.missingInput, "there is no session \"\(session)\" in the journal") }
    }
    let horizon = try horizon(closedBy: pruning.closedBy, at: now, database)
    var rounds: [Int64: SampleSet] = [:]
    for table in ["verdict", "aborted"] {
      let rows = try Row.fetchCursor(
        database, sql: "SELECT session, samples FROM \(table) WHERE sequence <= ? ORDER BY sequence",
        arguments: [horizon[table]])
      while let row = try rows.next() {
        let session: Int64 = row["session"]
        guard wanted == nil || wanted == session else { continue }
        for sample in try JournalBytes.numbers(row["samples"], of: UInt64.self)
        where names.pruned[session]?.contains(sample) != true {
          rounds[session, default: SampleSet()].insert(sample)
        }
      }
    }
    return (rounds, horizon)
  }

  /// The rows that the tables had at a time; what is not known counts as later.
  private static func horizon(closedBy time: Date, at now: Int64, _ database: Database) throws -> AcknowledgedRows {
    let seconds = Int64(time.timeIntervalSince1970.rounded(.down))
    guard seconds < now else { return try JournalSchema.lastRows(database) }
    // Files of older versions have no such table before a service or a pruning has gone on with them.
    guard try database.tableExists("moment") else { return AcknowledgedRows() }
    var rows = AcknowledgedRows()
    guard
      let row = try Row.fetchOne(
        database, sql: "SELECT * FROM moment WHERE time <= ? ORDER BY time DESC LIMIT 1", arguments: [seconds])
    else { return rows }
    (rows.contribution, rows.verdict, rows.aborted) = (row["contribution"], row["verdict"], row["aborted"])
    return rows
  }
}
