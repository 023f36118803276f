internal import CopurCore
public import Foundation

/// The folder that a sweep writes to: one of its own for each point's run, and tables and a report of all of them.
///
/// | name | what |
/// | --- | --- |
/// | `sweep.json` | ``SweepRecord`` |
/// | `points/NAME/` | the folder of a point's run |
/// | `results.jsonl`, `results.csv` | the results of the points that are finished, with the axes in front |
/// | `certificates.jsonl`, `certificates.csv` | their certificates likewise, if there are any |
/// | `report.html` | ``SweepReport`` |
public final class SweepFolder: Sendable {
  /// The folder.
  public let url: URL
  private let lock: FolderLock

  /// The folder of the points' folders.
  public static let pointsName = "points"

  /// The files that a sweep writes besides the points' folders.
  private static let names = [
    SweepRecord.fileName, RunReport.rowsFileName, RunFolder.resultsTableFileName, RunReport.certificatesFileName,
    RunFolder.certificatesTableFileName, RunReport.fileName,
  ]

  /// Opens a folder, which is made if it is not there, for one sweep at a time.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path if it cannot be made, or another run writes to it.
  public init(opening url: URL) throws {
    self.url = url
    lock = try FolderLock(url)
  }

  /// The folder of a point's run.
  public func point(_ name: String) -> URL { Self.point(name, in: url) }

  /// The folder of a point's run in that of a sweep.
  static func point(_ name: String, in folder: URL) -> URL {
    folder.appending(path: pointsName).appending(path: name)
  }

  /// The record of the same scenario's sweep that is in the folder from before; nil if there is nothing of a sweep or a run.
  ///
  /// - Throws: ``CopurError``: `.cannotCreate`, saying what differs, if the folder holds another sweep, a run or other files
  ///   with a sweep's names; `.invalidData` if the record is malformed.
  public func earlierSweep(of record: SweepRecord) throws -> SweepRecord? {
    guard let name = (Self.names + [RunRecord.fileName, Self.pointsName]).first(where: isThere) else { return nil }
    guard isThere(SweepRecord.fileName) else {
      throw CopurError(
        .cannotCreate,
        "\(url.path): a sweep is written beside no other results (there: \"\(name)\", without a \(SweepRecord.fileName)); "
          + "name another folder, or --overwrite it")
    }
    let earlier = try SweepRecord(reading: url)
    if let difference = record.difference(from: earlier) {
      throw CopurError(
        .cannotCreate,
        "\(url.path): a folder holds one sweep, and there is another, of \(difference); name another folder, or "
          + "--overwrite it")
    }
    return earlier
  }

  /// Removes everything that a sweep, or a run, has written, and nothing else.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  public func clear() throws { try Self.clear(url) }

  /// Removes it from a folder to which nobody else writes.
  static func clear(_ folder: URL) throws {
    let points = folder.appending(path: pointsName)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: points.path)) ?? [] {
      let point = points.appending(path: name)
      try remove(RunFolder.names, from: point)
      _ = rmdir(point.path)
    }
    _ = rmdir(points.path)
    try remove(names + RunFolder.names, from: folder)
  }

  private static func remove(_ names: [String], from folder: URL) throws {
    for path in names.map({ folder.appending(path: $0).path }) where FileManager.default.fileExists(atPath: path) {
      do { try FileManager.default.removeItem(atPath: path) } catch {
        throw CopurError(.cannotCreate, "\(path): earlier results cannot be removed", cause: error)
      }
    }
  }

  private func isThere(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: url.appending(path: name).path)
  }

  /// Writes tables and report of the points that are finished.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  public func write(_ sweep: SweepReport) throws {
    try write(sweep.results, named: RunReport.rowsFileName, RunFolder.resultsTableFileName)
    if !sweep.certificates.rows.isEmpty {
      try write(sweep.certificates, named: RunReport.certificatesFileName, RunFolder.certificatesTableFileName)
    }
    try sweep.write(to: url)
  }

  private func write(_ rows: SweepRows, named lines: String, _ table: String) throws {
    try RowFile.write(rows.text(as: .jsonLines), to: url.appending(path: lines).path)
    try RowFile.write(rows.text(as: .csv), to: url.appending(path: table).path)
  }
}
