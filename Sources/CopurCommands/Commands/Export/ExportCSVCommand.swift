import ArgumentParser
import CopurReports

/// `copur export csv`.
struct ExportCSVCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "csv", abstract: "Write all numbers of runs into one tidy table: a row a number.",
    discussion: """
      The columns are \(TidyRow.columns.joined(separator: ", ")). Results, each agent's residuals, certificates and losses of \
      trainings are in it.

      Example:
        copur export csv results --output numbers.csv
      """)

  @OptionGroup var runs: ExportedRuns

  @Option(help: ArgumentHelp("The file to write; standard output if left out.", valueName: "file"), completion: .file())
  var output: String?

  func run() async throws {
    try await reporting {
      try ExportedRuns.write(
        RowFile.text(of: try runs.reports().flatMap(\.tidyRows), as: .csv), to: output)
    }
  }
}
