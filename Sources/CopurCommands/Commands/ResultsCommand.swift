import ArgumentParser
import CopurCore
import CopurReports
import Foundation

/// `copur results`: the tables of several runs in one Markdown file.
struct ResultsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "results",
    abstract: "Write the tables of several runs into one Markdown file.",
    discussion: """
      Reads the folders that `copur run --out` wrote. Each run has its command, commit, machine and time, one line a defence \
      with its worst attack and its certificates, and all attacks.

      Examples:
        copur results results/* --output RESULTS.md
        copur results results/first --defense copur --defense auto --excerpt README.md
      """)

  @Argument(help: ArgumentHelp("The folders of runs.", valueName: "dir"), completion: .directory)
  var folders: [String]

  @Option(
    help: ArgumentHelp("The file to write; standard output if left out.", valueName: "file"), completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Put the first run's table of defences into this file, between the lines \(ResultsDocument.markers.begin) and "
        + "\(ResultsDocument.markers.end), and write nothing else.", valueName: "file"), completion: .file())
  var excerpt: String?

  @Option(
    help: ArgumentHelp("Show this defence; may be repeated, and their order is that shown.", valueName: "name"))
  var defense: [String] = []

  func validate() throws {
    guard output == nil || excerpt == nil else {
      throw ValidationError("either --output or --excerpt (actual: both)")
    }
  }

  func run() async throws {
    try await reporting {
      let document = try ResultsDocument(reading: folders.map { URL(filePath: $0) }, defenses: defense)
      if let excerpt {
        let text: String
        do { text = try String(contentsOfFile: excerpt, encoding: .utf8) } catch {
          throw CopurError(.missingInput, "\(excerpt): cannot be read as text", cause: error)
        }
        try write(document.inserting(into: text, file: excerpt), to: excerpt)
      } else if let output {
        try write(document.markdown, to: output)
      } else {
        try Terminal.print(document.markdown)
      }
    }
  }

  private func write(_ text: String, to file: String) throws {
    do { try Data(text.utf8).write(to: URL(filePath: file), options: .atomic) } catch {
      throw CopurError(.cannotCreate, "\(file): cannot be written", cause: error)
    }
  }
}
