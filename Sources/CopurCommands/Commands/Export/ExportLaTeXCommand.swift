import ArgumentParser
import CopurReports

/// `copur export latex`.
struct ExportLaTeXCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latex",
    abstract: "Write the tables of runs in LaTeX: attacks down, defences across, and certificates.",
    discussion: """
      The tables need \\usepackage{booktabs}, and are read by \\input. Names are escaped.

      Example:
        copur export latex results --defense unsecured --defense copur --output table.tex
      """)

  @OptionGroup var runs: ExportedRuns

  @Option(help: ArgumentHelp("The column of results that cells hold.", valueName: "column"))
  var value = Column.accuracy

  @Option(help: ArgumentHelp("Show this defence; may be repeated, and their order is that shown.", valueName: "name"))
  var defense: [String] = []

  @Option(help: ArgumentHelp("The file to write; standard output if left out.", valueName: "file"), completion: .file())
  var output: String?

  func run() async throws {
    try await reporting {
      try ExportedRuns.write(
        LaTeXTables(try runs.reports(), value: value.value, defenses: defense).text, to: output)
    }
  }

  /// A column of results.
  enum Column: String, ExpressibleByArgument, CaseIterable {
    case accuracy
    case balancedAccuracy = "balanced-accuracy"
    case attackSuccess = "attack-success"

    var value: LaTeXTables.Value {
      switch self {
      case .accuracy: .accuracy
      case .balancedAccuracy: .balancedAccuracy
      case .attackSuccess: .attackSuccess
      }
    }
  }
}
