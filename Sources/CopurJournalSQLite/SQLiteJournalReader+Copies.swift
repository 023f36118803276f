internal import CopurCore
public import CopurFusionCenter
internal import Foundation
internal import GRDB

extension SQLiteJournalReader {
  /// Counts what a pruning would remove, and writes nothing.
  ///
  /// - Throws: As ``forEachRound(session:_:)``, and ``CopurError`` of code `.missingInput` if there is no such session.
  public func prunable(_ pruning: JournalPruning) throws -> PruningReport {
    try reading {
      var report = PruningReport()
      try queue.read { database in
        let now = Int64(Date().timeIntervalSince1970)
        let (rounds, horizon) = try PrunableRounds.read(pruning, at: now, database)
        report.rounds = rounds.values.reduce(0) { $0 + $1.count }
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT session, samples, length(samples) + length(hashes) + length(payload) AS size FROM contribution
            WHERE sequence <= :contribution
            UNION ALL SELECT session, samples, length(samples) + length(labels) + length(contributed)
            + length(suspects) + length(details) FROM verdict WHERE sequence <= :verdict
            UNION ALL SELECT session, samples, length(samples) FROM aborted WHERE sequence <= :aborted
            """,
          arguments: [
            "contribution": horizon.contribution, "verdict": horizon.verdict, "aborted": horizon.aborted,
          ])
        while let row = try rows.next() {
          guard let pruned = rounds[row["session"]] else { continue }
          let samples = try JournalBytes.numbers(row["samples"], of: UInt64.self)
          guard !samples.isEmpty else { continue }
          report.bytes += (row["size"] as Int) * samples.count { pruned.contains($0) } / samples.count
        }
      }
      return report
    }
  }

  /// Writes a copy as of one moment into a new file.
  ///
  /// - Parameter file: The path of the copy, which appears once it is whole and on the disk; nothing may be there.
  /// - Returns: How many bytes the copy has.
  /// - Throws: ``CopurError``: `.cannotCreate` if something is there or cannot be written, `.io`, `.invalidData`.
  public func backUp(to file: String) throws -> Int {
    try NewJournalFile.make(file) { partial in
      let target = try DatabaseQueue(path: partial)
      try reading { try queue.backup(to: target) }
      try target.close()
    }
  }
}
