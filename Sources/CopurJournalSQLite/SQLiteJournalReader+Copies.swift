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
    func refused(_ reason: String) -> CopurError {
      CopurError(.cannotCreate, "\(file): the copy cannot be written: \(reason)")
    }
    // An empty link, too, is something.
    var status = stat()
    guard lstat(file, &status) != 0 else {
      throw CopurError(.cannotCreate, "\(file): a journal is copied to a new file (it is there)")
    }
    let partial = "\(file).\(UUID().uuidString).partial"
    defer { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(partial + suffix) } }
    do {
      let target = try DatabaseQueue(path: partial)
      try reading { try queue.backup(to: target) }
      try target.close()
    } catch let error as DatabaseError {
      throw CopurError(.cannotCreate, "\(file): the copy cannot be written", cause: error)
    }
    let descriptor = open(partial, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refused(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else {
      throw refused(String(cString: strerror(errno)))
    }
    // Unlike a renaming it never replaces a file.
    guard link(partial, file) == 0 else { throw refused(String(cString: strerror(errno))) }
    let folder = open(URL(filePath: file).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      defer { close(folder) }
      guard fsync(folder) == 0 else { throw refused(String(cString: strerror(errno))) }
    }
    return Int(status.st_size)
  }
}
