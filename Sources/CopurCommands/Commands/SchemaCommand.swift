import ArgumentParser
import CopurCore
import CopurScenarios
import Foundation

/// `copur schema`: what scenarios may say, for editors and for people.
struct SchemaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the schema of scenarios, or the reference of all kinds and keys.",
    discussion: """
      Both are written from the kinds that this program has, so they cannot be out of date.

      Examples:
        copur schema > scenario.schema.json      an editor completes and checks by it: put this line first in a scenario:
                                                 # yaml-language-server: $schema=scenario.schema.json
        copur schema --reference                 Markdown
        copur schema --check FILE                exit code 1 if the file is not what would be printed
      """)

  @Flag(help: "Print the reference, Markdown, in place of the schema.")
  var reference = false

  @Option(help: ArgumentHelp("Print nothing, and fail if this file is not what would be printed.", valueName: "file"))
  var check: String?

  func run() async throws {
    try await reporting {
      let text = reference ? ScenarioReference().markdown : ScenarioReference().schema
      guard let check else {
        try Terminal.print(text, terminator: "")
        return
      }
      let data: Data
      do { data = try Data(contentsOf: URL(filePath: check)) } catch {
        throw CopurError(.missingInput, "\(check): the file cannot be read", cause: error)
      }
      guard data == Data(text.utf8) else {
        Terminal.report("copur: \(check) is stale: copur schema\(reference ? " --reference" : "") > \(check)")
        throw ExitCode(1)
      }
    }
  }
}
