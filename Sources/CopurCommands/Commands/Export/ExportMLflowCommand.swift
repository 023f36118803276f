import ArgumentParser
import CopurReports
import Foundation

/// `copur export mlflow`.
struct ExportMLflowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mlflow", abstract: "Add runs to a folder of MLflow: an experiment a scenario, a run a seed.",
    discussion: """
      The folder is MLflow's file store; a server that keeps runs in a database takes them over with MLflow's own tools.

      Example:
        copur export mlflow results --out mlruns
        mlflow ui --backend-store-uri file:mlruns
      """)

  @OptionGroup var runs: ExportedRuns

  @Option(help: ArgumentHelp("The folder that MLflow reads.", valueName: "dir"))
  var out: String

  func run() async throws {
    try await reporting {
      let count = try MLflowFolder.write(try runs.reports(), to: URL(filePath: out))
      try Terminal.print("\(out): \(count) \(count == 1 ? "run" : "runs")")
    }
  }
}
