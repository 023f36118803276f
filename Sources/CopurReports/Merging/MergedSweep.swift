internal import CopurCore
internal import Foundation

/// Several pieces of a sweep as the one sweep that they are.
struct MergedSweep {
  private(set) var record: SweepRecord
  /// The run of each point that any piece has begun, by name.
  private(set) var runs: [String: MergedRun] = [:]
  /// The pieces that are missing, but for the shards that are to measure them.
  private(set) var missing: [MissingPiece] = []

  /// Reads and merges folders of sweeps.
  ///
  /// - Parameter folders: At least one.
  /// - Throws: ``CopurError``: `.invalidArgument`, naming the folders, if they are parts of different sweeps, or measured the
  ///   same with different results; what reading them throws.
  init(reading folders: [URL]) throws {
    let records = try folders.map { try SweepRecord(reading: $0) }
    record = records[0]
    for (folder, other) in zip(folders, records).dropFirst() {
      guard let difference = record.differenceOfParts(from: other) else { continue }
      throw CopurError(
        .invalidArgument,
        "folders that are merged are parts of one sweep: \(folder.relativePath) is of another than "
          + "\(folders[0].relativePath), of \(difference)")
    }
    record.shard = nil
    for index in record.points.indices {
      let name = record.points[index].name
      let places = folders.map { SweepFolder.point(name, in: $0) }.filter {
        FileManager.default.fileExists(atPath: $0.appending(path: RunRecord.fileName).path)
      }
      record.points[index].seeds = record.seeds
      record.points[index].isFinished = false
      record.points[index].failure = records.lazy.compactMap { $0.points[index].failure }.first
      guard !places.isEmpty else {
        missing += record.seeds.map { MissingPiece(point: name, seed: $0) }
        continue
      }
      let run = try MergedRun(places.map { try RunPiece(reading: $0) })
      runs[name] = run
      record.points[index].isFinished = run.missing.isEmpty
      if run.missing.isEmpty { record.points[index].failure = nil }
      missing += run.missing.map { piece in
        var piece = piece
        piece.point = name
        return piece
      }
    }
    record.started = records.map(\.started).min() ?? record.started
    record.finished = missing.isEmpty ? records.compactMap(\.finished).max() : nil
  }

  /// Writes the files of a sweep; its record last, so that a folder with one is whole.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  func write(to folder: SweepFolder) throws {
    for (name, run) in runs { try run.write(to: RunFolder(opening: folder.point(name))) }
    try folder.write(SweepReport(record, in: folder.url))
    try record.write(to: folder.url)
  }
}

extension SweepRecord {
  /// The difference that makes another piece no part of the same sweep, in words; nil if both are.
  fileprivate func differenceOfParts(from other: SweepRecord) -> String? {
    var same = other
    same.shard = shard
    if let difference = difference(from: same) { return difference }
    guard points.map(\.name) == other.points.map(\.name) else { return "\(scenario) with other points" }
    return nil
  }
}
