import ArgumentParser
import CopurReports
import Foundation

/// `copur report`: the report of a run that was made before.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write report.html anew from a run's results.",
    discussion: """
      Reads run.json and results.jsonl in a folder that `copur run --out` wrote, of a run that was interrupted, too, and \
      writes report.html beside them: tables with the CoPur paper's numbers beside ours, curves, residuals, the manifold, \
      settings. The page is one file that loads nothing. Of a sweep's folder it is that of all points.

      Example:
        copur report results
      """)

  @Argument(help: ArgumentHelp("The folder of a run.", valueName: "dir"), completion: .directory)
  var folder: String

  func run() async throws {
    try await reporting {
      let folder = URL(filePath: folder)
      if SweepRecord.isThere(in: folder) {
        try SweepReport(reading: folder).write(to: folder)
      } else {
        try RunReport(reading: folder).write(to: folder)
      }
      try Terminal.print("Report: \(self.folder)/\(RunReport.fileName)")
    }
  }
}
