internal import CopurCore
public import CopurFusionCenter
internal import Foundation
internal import GRDB

extension SQLiteJournalReader {
  /// Checks the file by SQLite's `integrity_check`, that it goes as far as was acknowledged, and every row by ``JournalCheck``.
  public func verify() throws -> JournalReport {
    try reading {
      var check = JournalCheck()
      for line in try queue.read({ try String.fetchAll($0, sql: "PRAGMA integrity_check(10)") }) where line != "ok" {
        check.report.found("integrity_check: \(line)")
      }
      // Read first: a service that writes meanwhile only gets further.
      if let promised = try AcknowledgedRows(of: path) {
        for sentence in promised.missing(in: try queue.read(JournalSchema.lastRows)) { check.report.found(sentence) }
      }
      // Verdicts last: their blocks are there by then, however much is stored meanwhile.
      try queue.read { database in
        let names = try JournalNames(database)
        for table in ["contribution", "verdict", "aborted"] {
          let rows = try Row.fetchCursor(database, sql: "SELECT * FROM \(table) ORDER BY sequence")
          while let row = try rows.next() { check.read(row, of: table, names) }
        }
        check.report.sessions = names.sessions.count
      }
      check.report.storage = JournalSchema.size(of: path)
      return check.finished()
    }
  }
}

extension JournalCheck {
  /// Checks a row; one that cannot be understood is a fault.
  fileprivate mutating func read(_ row: Row, of table: String, _ names: JournalNames) {
    do {
      switch table {
      case "contribution": try readContribution(row, names)
      case "verdict": for verdict in try names.verdicts(row) { read(verdict) }
      default: try readAborted(row, names)
      }
    } catch {
      report.found("\(table) \(row["sequence"] as Int64): \(error)")
    }
  }

  private mutating func readContribution(_ row: Row, _ names: JournalNames) throws {
    let session = try names.session(row["session"]).name
    let agent = try names.agent(row["agent"])
    _ = try names.model(row["model"])
    let blocks = try ContributionBlocks(row)
    guard let left = blocks.without(names.pruned[row["session"]]) else { return }
    try readContribution(
      session: session, agent: agent, samples: left.samples, hashes: left.hashes, values: left.values)
  }

  private mutating func readAborted(_ row: Row, _ names: JournalNames) throws {
    readAborted(
      session: try names.session(row["session"]).name,
      samples: try names.aborted(row))
  }
}
