import ArgumentParser
import CopurReports
import Foundation

/// `copur export tensorboard`.
struct ExportTensorBoardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tensorboard", abstract: "Write losses and results as event files of TensorBoard, a folder a seed.",
    discussion: """
      Example:
        copur export tensorboard results --out events
        tensorboard --logdir events
      """)

  @OptionGroup var runs: ExportedRuns

  @Option(help: ArgumentHelp("The folder for the folders of events.", valueName: "dir"))
  var out: String

  func run() async throws {
    try await reporting {
      let count = try TensorBoardEvents.write(try runs.reports(), to: URL(filePath: out))
      try Terminal.print("\(out): events of \(count) \(count == 1 ? "seed" : "seeds")")
    }
  }
}
