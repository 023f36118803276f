import ArgumentParser
import CopurReports
import Foundation

/// `copur compare`: two runs on the same test rows.
struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare two runs on the same test rows, row by row where predictions were kept.",
    discussion: """
      Reads two folders that `copur run --out` wrote and says, for each attack against each defence and for certificates, how \
      far B is from A, with 95 % intervals. With predictions.csv in both (`copur run --predictions`) differences are of the \
      same rows, by a bootstrap over runs of 30 consecutive rows, with McNemar's exact test; else they are of the same seeds. \
      Runs on other test rows are refused; what only one of them has measured is listed.

      Examples:
        copur compare before after
        copur compare sweep/points/embedding=8,code=1 sweep/points/embedding=16,code=1 --html compare.html
      """)

  @Argument(help: ArgumentHelp("The first run's folder.", valueName: "a"), completion: .directory)
  var first: String

  @Argument(help: ArgumentHelp("The second run's folder.", valueName: "b"), completion: .directory)
  var second: String

  @Flag(help: "Print JSON in place of the table; rates are fractions.")
  var json = false

  @Option(help: ArgumentHelp("Write a page with the tables, too.", valueName: "file"), completion: .file())
  var html: String?

  func run() async throws {
    try await reporting {
      let comparison = try RunComparison(URL(filePath: first), URL(filePath: second))
      if let html { try ComparisonPage(comparison).write(to: html) }
      try Terminal.print(
        json
          ? comparison.json()
          : ComparisonTable(comparison).rendered(isTerminal: Terminal.showsColors, width: Terminal.width),
        terminator: "")
    }
  }
}
