internal import CopurCore
public import Foundation

/// The report of a run: one self-contained HTML file with its tables, figures and settings.
///
/// It needs nothing but `run.json` and `results.jsonl`, with `certificates.jsonl` where there is one, and is as good for a run that was interrupted.
public struct RunReport: Sendable {
  /// The run: scenario, seeds, models, machine.
  public let record: RunRecord
  /// The rows in the order in which they were measured.
  public let rows: [ResultRow]
  /// The certificates of its defences.
  public let certificates: [CertificateRow]

  /// The report's name in the folder of a run.
  public static let fileName = "report.html"
  /// The name of the rows' file in the folder of a run.
  public static let rowsFileName = "results.jsonl"
  /// The name of the certificates' file in the folder of a run; not there if no defence has any.
  public static let certificatesFileName = "certificates.jsonl"

  /// - Parameters:
  ///   - record: What was run.
  ///   - rows: What was measured by it.
  ///   - certificates: What was certified of its defences.
  public init(record: RunRecord, rows: [ResultRow], certificates: [CertificateRow] = []) {
    self.record = record
    self.rows = rows
    self.certificates = certificates
  }

  /// Reads a run's folder.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if a file is not there; `.invalidData`, with the line, if one is malformed,
  ///   a row is of another run, or a measurement is there twice.
  public init(reading folder: URL) throws {
    let record = try RunRecord(reading: folder)
    let path = folder.appending(path: Self.rowsFileName).path
    let rows = try RowFile.rows(ResultRow.self, inJSONLines: path)
    var seen: Set<[String]> = []
    for row in rows {
      guard row.scenario == record.scenario, row.dataset == record.dataset, row.mode == record.mode else {
        throw CopurError(
          .invalidData,
          "\(path): rows are of the run that \(RunRecord.fileName) records (\(record.scenario), \(record.dataset), "
            + "\(record.mode.rawValue); actual: \(row.scenario), \(row.dataset), \(row.mode.rawValue))")
      }
      guard seen.insert(["\(row.seed)", row.attack, row.defense]).inserted else {
        throw CopurError(
          .invalidData,
          "\(path): a seed, an attack and a defence are measured once (twice: \(row.seed), \(row.attack), "
            + "\(row.defense))")
      }
    }
    let certificates = folder.appending(path: Self.certificatesFileName).path
    self.init(
      record: record, rows: rows,
      certificates: FileManager.default.fileExists(atPath: certificates)
        ? try RowFile.rows(CertificateRow.self, inJSONLines: certificates) : [])
  }

  /// The run of a folder or, where it is that of a sweep, the points that are finished.
  ///
  /// - Throws: What ``init(reading:)`` throws.
  public static func all(in folder: URL) throws -> [RunReport] {
    guard SweepRecord.isThere(in: folder) else { return [try RunReport(reading: folder)] }
    return try SweepReport(reading: folder).runs.map(\.report)
  }

  /// The page, which is well-formed XML as well as HTML.
  public var html: String {
    let results = RunResults(rows, agents: AgentNumbers(record: record, rows: rows))
    return "<!DOCTYPE html>\n"
      + ReportPage(record: record, results: results, certificates: CertificateResults(certificates)).html.markup
  }

  /// Writes ``fileName`` into a run's folder.
  ///
  /// - Returns: The file.
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  @discardableResult
  public func write(to folder: URL) throws -> URL {
    let file = folder.appending(path: Self.fileName)
    do {
      try Data(html.utf8).write(to: file, options: .atomic)
    } catch {
      throw CopurError(.cannotCreate, "\(file.path): the report cannot be written", cause: error)
    }
    return file
  }
}
