internal import CopurCore
internal import Foundation

/// One of two runs that are compared.
struct ComparedRun {
  /// The folder, for messages.
  let name: String
  let record: RunRecord
  let rows: [ResultRow]
  let certificates: [CertificateRow]
  /// The predictions of each measurement; nil if the run kept none.
  let predictions: [PairedMeasurement.Trial: [PredictionRow]]?

  /// - Throws: ``CopurError``: `.missingInput` if there is no run, `.invalidData` if a file is malformed.
  init(reading folder: URL) throws {
    name = folder.relativePath
    let report = try RunReport(reading: folder)
    (record, rows, certificates) = (report.record, report.rows, report.certificates)
    let path = folder.appending(path: RunFolder.predictionsFileName).path
    predictions =
      FileManager.default.fileExists(atPath: path)
      ? Dictionary(grouping: try PredictionRow.rows(inCSV: path)) {
        PairedMeasurement.Trial(seed: $0.seed, attack: $0.attack, defense: $0.defense)
      } : nil
  }

  /// Refuses a run on other test rows.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` that says what differs.
  func requireSameRows(as other: ComparedRun) throws {
    let reason: String
    if let own = record.testDigest, let theirs = other.record.testDigest {
      if own == theirs { return }
      reason =
        (record.dataset, record.testRows) == (other.record.dataset, other.record.testRows)
        ? "their features or agents differ"
        : "\(record.testRows) of \(record.dataset), \(other.record.testRows) of \(other.record.dataset)"
    } else {
      // Older records name all rows together.
      if record.datasetDigest == other.record.datasetDigest { return }
      reason = "an older record does not name its test rows alone, and the data differ"
    }
    throw CopurError(
      .invalidArgument, "runs are compared on the same test rows (\(name), \(other.name): \(reason))")
  }
}
