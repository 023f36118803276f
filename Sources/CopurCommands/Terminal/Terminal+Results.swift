import CopurReports
import Foundation

extension Terminal {
  /// Says which folder has the results, and which page to open first, if there is one: a shard has none.
  static func printPlace(ofResults folder: String) throws {
    try print("\nResults: \(folder)")
    let report = "\(folder)/\(RunReport.fileName)"
    if FileManager.default.fileExists(atPath: report) { try print("Report: \(report)") }
  }
}
