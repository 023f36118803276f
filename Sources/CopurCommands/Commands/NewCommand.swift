import ArgumentParser
import CopurCore
import Foundation

/// `copur new`: a folder to start from.
struct NewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Make a folder to start from: a scenario, data, settings, and a README with the next commands.",
    discussion: """
      The data is made up, by a generator with a seed, and real enough that every command of the README can be played as it
      stands. The folder is made; one that is there has to be empty.

      Examples:
        copur new machines
        copur new machines --agents 10 --seed 7
      """)

  @Argument(help: "The folder.", completion: .directory)
  var folder: String

  @Option(help: ArgumentHelp("How many agents there are, 3 to 100.", valueName: "n"))
  var agents = 6

  @Option(help: "How the data is stored: csv.")
  var kind = Kind.csv

  @Option(help: ArgumentHelp("What the numbers are drawn from.", valueName: "n"))
  var seed: UInt64 = 0

  /// The ways in which the data is stored.
  enum Kind: String, ExpressibleByArgument, CaseIterable { case csv }

  func validate() throws {
    guard (3...100).contains(agents) else { throw ValidationError("--agents is 3 to 100 (actual: \(agents))") }
  }

  func run() async throws {
    try await reporting {
      let place = URL(filePath: folder, directoryHint: .isDirectory)
      let there = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
      guard there.isEmpty else {
        throw CopurError(
          .cannotCreate, "\(folder): a new project's folder is empty (actual: it has \"\(there.sorted()[0])\")")
      }
      let sketch = ProjectSketch(
        name: place.standardizedFileURL.lastPathComponent, data: SketchData(agents: agents, seed: seed))
      for file in sketch.files {
        let url = place.appending(path: file.path)
        _ = try OutputFolder.make(url.deletingLastPathComponent().path)
        do {
          try Data(file.text.utf8).write(to: url, options: .withoutOverwriting)
        } catch {
          throw CopurError(.cannotCreate, "\(url.path) cannot be written", cause: error)
        }
      }
      try Terminal.print("\(folder): \(agents) agents. What to do next is in \(folder)/README.md; first of all:")
      try Terminal.print("  cd \(ShellWord.typed(folder)) && copur run scenario.yaml --in-process --out results")
    }
  }
}
