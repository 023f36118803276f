internal import CopurCore
public import Foundation

/// The results of a sweep: those of its points that are finished, and the page that shows them.
public struct SweepReport: Sendable {
  /// A point and its run.
  struct Run: Sendable {
    let point: SweepRecord.Point
    let report: RunReport
  }

  /// The record of the sweep.
  public let record: SweepRecord
  /// The points that are finished, in the sweep's order.
  private(set) var runs: [Run]

  /// Reads the runs of a sweep that are finished.
  ///
  /// - Parameter folder: The folder of the sweep.
  /// - Throws: ``CopurError``: `.missingInput` if a file is not there; `.invalidData` if one is malformed.
  public init(_ record: SweepRecord, in folder: URL) throws {
    self.record = record
    runs = try record.points.filter(\.isFinished).map { point in
      Run(point: point, report: try RunReport(reading: SweepFolder.point(point.name, in: folder)))
    }
  }

  /// Reads a sweep's folder.
  ///
  /// - Throws: ``CopurError``: `.missingInput` if a file is not there; `.invalidData` if one is malformed.
  public init(reading folder: URL) throws { try self.init(SweepRecord(reading: folder), in: folder) }

  /// The results with the axes in front.
  public var results: SweepRows {
    var rows = SweepRows(axes: record.axes, columns: ResultRow.columns)
    for run in runs { rows.add(run.point, run.report.rows) }
    return rows
  }

  /// The certificates with the axes in front.
  var certificates: SweepRows {
    var rows = SweepRows(axes: record.axes, columns: CertificateRow.columns)
    for run in runs { rows.add(run.point, run.report.certificates) }
    return rows
  }

  /// The page, which is well-formed XML as well as HTML.
  public var html: String { "<!DOCTYPE html>\n" + SweepPage(sweep: self).html.markup }

  /// Writes the page into a sweep's folder.
  ///
  /// - Returns: The file.
  /// - Throws: ``CopurError`` of code `.cannotCreate` with the path.
  @discardableResult
  public func write(to folder: URL) throws -> URL {
    let file = folder.appending(path: RunReport.fileName)
    do {
      try Data(html.utf8).write(to: file, options: .atomic)
    } catch {
      throw CopurError(.cannotCreate, "\(file.path): the report cannot be written", cause: error)
    }
    return file
  }
}
