import ArgumentParser
import CopurCore
import CopurDatasets
import CopurScenarios
import Foundation

/// `copur data`: what data there is.
struct DataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Say what data there is, and whether it is whole.",
    discussion: """
      Examples:
        copur data list --json
        copur data verify --data ~/data
      """,
    subcommands: [List.self, Verify.self, DataKeysCommand.self], defaultSubcommand: List.self)

  /// `copur data list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the data sets that are found.")
    @OptionGroup var dataOptions: DataOptions
    @Flag(help: "Print a line of JSON a data set.") var json = false

    private struct Found: Encodable {
      var kind: String
      var files: [String]
    }

    func run() async throws {
      try await reporting {
        let directory = try dataOptions.directory()
        for source in try DatasetSource.findable(in: directory) {
          let files = try source.files(in: directory)
          if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let line = try encoder.encode(Found(kind: source.kind, files: files))
            try Terminal.print(String(decoding: line, as: UTF8.self))
            continue
          }
          try Terminal.print("\(source.kind): \(files.joined(separator: ", "))")
        }
      }
    }
  }

  /// `copur data verify`.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read every data set that is found, whole; the first damaged one is an error.")
    @OptionGroup var dataOptions: DataOptions

    func run() async throws {
      try await reporting {
        let directory = try dataOptions.directory()
        for source in try DatasetSource.findable(in: directory) {
          let dataset = try source.load(from: directory)
          try Terminal.print(
            "\(source.kind) \(try source.files(in: directory)[0]): \(dataset.train.count) training rows, "
              + "\(dataset.test.count) test rows, \(dataset.featureNames.count) features of \(dataset.roster.count) agents"
          )
        }
      }
    }
  }
}
