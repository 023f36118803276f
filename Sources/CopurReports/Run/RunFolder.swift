internal import CopurCore
public import Foundation

/// The folder that a run writes to: it holds one run, whose measurements are added as they come.
///
/// A run that ended before its time goes on in it: what was measured is read back, and the rest is added. `results.jsonl`
/// is written last of a measurement's files, so that a row in it stands for all of them.
public final class RunFolder: Sendable {
  /// The folder.
  public let url: URL
  private let lock: FolderLock

  /// The prediction of every sample, where a run keeps them.
  public static let predictionsFileName = "predictions.csv"
  /// The folder of the processes' logs.
  public static let logsFolderName = "logs"
  static let resultsTableFileName = "results.csv"
  static let certificatesTableFileName = "certificates.csv"

  /// Everything that a run writes into its folder.
  static let names = [
    RunRecord.fileName, RunReport.rowsFileName, resultsTableFileName, RunReport.certificatesFileName,
    certificatesTableFileName, predictionsFileName, RunReport.fileName, logsFolderName,
  ]
  /// The files that only a sweep has, beside which no run is written.
  private static let namesOfOthers = [SweepRecord.fileName, SweepFolder.pointsName]

  /// Opens a folder, which is made if it is not there, for one run at a time.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path if it cannot be made, or another run writes to it.
  public init(opening url: URL) throws {
    self.url = url
    lock = try FolderLock(url)
  }

  /// The part of the same scenario's run that is in the folder from before; nil if there is nothing of a run.
  ///
  /// - Parameters:
  ///   - record: The run that begins.
  ///   - needsPredictions: Measurements without their predictions do not count.
  /// - Throws: ``CopurError``: `.cannotCreate`, saying what differs, if the folder holds another run or other files with a
  ///   run's names; `.invalidData` if a file is malformed.
  public func earlierRun(of record: RunRecord, needsPredictions: Bool) throws -> EarlierRun? {
    guard
      let name = (Self.names + Self.namesOfOthers).first(where: { FileManager.default.fileExists(atPath: path($0)) })
    else { return nil }
    guard FileManager.default.fileExists(atPath: path(RunRecord.fileName)) else {
      throw CopurError(
        .cannotCreate,
        "\(url.path): results are written beside no others (there: \"\(name)\", without a \(RunRecord.fileName)); "
          + "name another folder, or --overwrite it")
    }
    let earlier = try RunRecord(reading: url)
    if let difference = record.difference(from: earlier) {
      throw CopurError(
        .cannotCreate,
        "\(url.path): a folder holds one run, and there is another, of \(difference); name another folder, or "
          + "--overwrite it")
    }
    return try EarlierRun(
      record: earlier, results: rows(RunReport.rowsFileName), certificates: rows(RunReport.certificatesFileName),
      predictions: predictions(), needsPredictions: needsPredictions)
  }

  /// Refuses a folder that has results of a run or a sweep.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with a file that is there.
  static func requireNoResults(in url: URL) throws {
    guard
      let name = (names + namesOfOthers).first(where: {
        FileManager.default.fileExists(atPath: url.appending(path: $0).path)
      })
    else { return }
    throw CopurError(
      .cannotCreate,
      "\(url.path): results are written beside no others (there: \"\(name)\"); name another folder, or --overwrite it")
  }

  /// Removes everything that a run, or a sweep, has written, and nothing else.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  public func clear() throws { try SweepFolder.clear(url) }

  private func remove(_ name: String) throws {
    guard FileManager.default.fileExists(atPath: path(name)) else { return }
    do { try FileManager.default.removeItem(atPath: path(name)) } catch {
      throw CopurError(.cannotCreate, "\(path(name)): results of an earlier run cannot be removed", cause: error)
    }
  }

  /// Writes anew what an earlier run has measured, so that what it had begun to write is no part of it.
  ///
  /// - Parameter hasPredictions: Whether predictions are kept.
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  public func restore(_ earlier: EarlierRun, hasPredictions: Bool) throws {
    if earlier.certificates.isEmpty {
      // Where nothing is certified there are no files.
      for name in [RunReport.certificatesFileName, Self.certificatesTableFileName] { try remove(name) }
    } else {
      try RowFile.write(earlier.certificates, as: .jsonLines, to: path(RunReport.certificatesFileName))
      try RowFile.write(earlier.certificates, as: .csv, to: path(Self.certificatesTableFileName))
    }
    try RowFile.write(earlier.results, as: .jsonLines, to: path(RunReport.rowsFileName))
    try RowFile.write(earlier.results, as: .csv, to: path(Self.resultsTableFileName))
    if hasPredictions { try RowFile.write(earlier.predictions, as: .csv, to: path(Self.predictionsFileName)) }
  }

  /// Adds a measurement.
  ///
  /// - Parameter predictions: Nil where they are not kept.
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  public func add(_ row: ResultRow, _ predictions: [PredictionRow]?) throws {
    if let predictions { try RowFile.append(predictions, as: .csv, to: path(Self.predictionsFileName)) }
    try RowFile.append([row], as: .csv, to: path(Self.resultsTableFileName))
    try RowFile.append([row], as: .jsonLines, to: path(RunReport.rowsFileName))
  }

  /// Adds what is certified of a defence.
  ///
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  public func add(_ certificates: [CertificateRow]) throws {
    try RowFile.append(certificates, as: .jsonLines, to: path(RunReport.certificatesFileName))
    try RowFile.append(certificates, as: .csv, to: path(Self.certificatesTableFileName))
  }

  private func path(_ name: String) -> String { url.appending(path: name).path }

  private func rows<Row: Decodable>(_ name: String) throws -> [Row] {
    guard FileManager.default.fileExists(atPath: path(name)) else { return [] }
    return try RowFile.rows(Row.self, inJSONLines: path(name), keepsTornEnd: false)
  }

  private func predictions() throws -> [PredictionRow] {
    guard FileManager.default.fileExists(atPath: path(Self.predictionsFileName)) else { return [] }
    return try PredictionRow.rows(inCSV: path(Self.predictionsFileName))
  }
}
