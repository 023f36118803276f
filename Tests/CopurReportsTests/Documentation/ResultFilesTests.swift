import CopurReports
import Foundation
import Testing

/// The reference of result files has each column that the program writes, and no other.
struct ResultFilesTests {
  private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/CopurCore/Docs.docc/ResultFiles.md")

  @Test(
    "A file's columns are those of the reference, in their order",
    arguments: [
      ("results.csv, results.jsonl", ResultRow.columns),
      ("certificates.csv, certificates.jsonl", CertificateRow.columns),
      ("predictions.csv", PredictionRow.columns), ("The table of `copur export csv`", TidyRow.columns),
      ("The file of `copur certify --predictions`", CertifiedPredictionRow.columns),
    ])
  func columns(file: String, columns: [String]) throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let section = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix("\(file)\n") })
    // A row whose first cell is a name in backquotes; the others say what it holds and of what.
    let rows = section.matches(of: /\n\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|/).map { "\($0.1)" }
    #expect(rows == columns)
  }
}
