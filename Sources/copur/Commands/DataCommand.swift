import ArgumentParser
import CopurCore
import CopurDatasets
import CopurScenarios

/// `copur data`: what data there is.
struct DataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Say what data there is, and whether it is whole.",
    subcommands: [List.self, Verify.self], defaultSubcommand: List.self)

  /// `copur data list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the data sets that are found.")
    @OptionGroup var dataOptions: DataOptions

    func run() async throws {
      try await reporting {
        let directory = try dataOptions.directory()
        for source in try DatasetSource.findable(in: directory) {
          let files = try source.files(in: directory)
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
