internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import GRDB

/// Removes what rows say of pruned rounds; a row that says nothing else goes as a whole.
///
/// A table's last row stays, whatever it says: its number is how far the journal is.
struct RowRemoval {
  private let table: String
  private let names: JournalNames

  init(of table: String, names: JournalNames) {
    self.table = table
    self.names = names
  }

  /// The columns whose bytes are counted.
  private var columns: [String] {
    switch table {
    case "contribution": ["samples", "hashes", "payload"]
    case "verdict": ["samples", "labels", "contributed", "suspects", "details", "certified"]
    default: ["samples"]
    }
  }

  private var size: String { columns.map { "length(\($0))" }.joined(separator: " + ") }

  /// Removes from some rows, in a transaction.
  ///
  /// - Returns: The last row that was looked at, `end` if there is none after it, and how many bytes went.
  func remove(
    after first: Int64, through end: Int64, limit: Int, _ database: Database
  ) throws -> (last: Int64, bytes: Int) {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT sequence, session, samples, \(size) AS size FROM \(table) WHERE sequence > ? AND sequence <= ?
        ORDER BY sequence LIMIT ?
        """, arguments: [first, end, limit])
    guard let last = rows.last?["sequence"] as Int64? else { return (end, 0) }
    let final = try JournalSchema.lastRows(database)[table]
    var removed = names.removed[table] ?? SampleSet()
    let before = removed
    var bytes = 0
    for row in rows {
      let sequence: Int64 = row["sequence"]
      guard let pruned = names.pruned[row["session"]], sequence < final else { continue }
      let samples = try JournalBytes.numbers(row["samples"], of: UInt64.self)
      let count = samples.count { pruned.contains($0) }
      guard count > 0 else { continue }
      bytes += row["size"]
      if count == samples.count {
        try database.execute(sql: "DELETE FROM \(table) WHERE sequence = ?", arguments: [sequence])
        removed.insert(UInt64(sequence))
      } else {
        try shorten(sequence, database)
        bytes -=
          try Int.fetchOne(database, sql: "SELECT \(size) FROM \(table) WHERE sequence = ?", arguments: [sequence]) ?? 0
      }
    }
    if removed != before { try JournalSchema.store(removed: removed, of: table, database) }
    return (last, bytes)
  }

  /// Writes a row anew, with what it says of other rounds.
  private func shorten(_ sequence: Int64, _ database: Database) throws {
    let row = try Row.fetchOne(database, sql: "SELECT * FROM \(table) WHERE sequence = ?", arguments: [sequence])!
    let values: [Data]
    switch table {
    case "contribution":
      guard let left = try ContributionBlocks(row).without(names.pruned[row["session"]]) else { return }
      values = [JournalBytes.data(left.samples), JournalBytes.data(left.hashes), JournalBytes.data(left.values)]
    case "verdict":
      let left = VerdictRow(try names.verdicts(row), agents: try names.model(row["model"]).agents)
      values = [left.samples, left.labels, left.contributed, left.suspects, left.details, left.certified]
    default:
      values = [JournalBytes.data(try names.aborted(row))]
    }
    try database.execute(
      sql: "UPDATE \(table) SET \(columns.map { "\($0) = ?" }.joined(separator: ", ")) WHERE sequence = ?",
      arguments: StatementArguments(values) + [sequence])
  }
}
