import ArgumentParser
import CopurCore
import CopurReports
import Foundation

/// `copur export`: results in other programs' formats.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write results for papers and for other programs: LaTeX, CSV, figures, TensorBoard, MLflow.",
    discussion: """
      Reads the folders that `copur run --out` wrote, of interrupted runs and of sweeps, too.
      """,
    subcommands: [
      ExportCSVCommand.self, ExportFiguresCommand.self, ExportLaTeXCommand.self, ExportMLflowCommand.self,
      ExportTensorBoardCommand.self,
    ])
}

/// The runs that are exported.
struct ExportedRuns: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The folders of runs; of a sweep, all points are.", valueName: "dir"), completion: .directory)
  var folders: [String]

  /// The runs, in the order in which they are named.
  func reports() throws -> [RunReport] {
    try folders.flatMap { try RunReport.all(in: URL(filePath: $0)) }
  }

  /// Writes a text to a file, or prints it.
  static func write(_ text: String, to file: String?) throws {
    guard let file else { return try Terminal.print(text, terminator: "") }
    do { try Data(text.utf8).write(to: URL(filePath: file), options: .atomic) } catch {
      throw CopurError(.cannotCreate, "\(file): cannot be written", cause: error)
    }
  }
}
