import ArgumentParser
import CopurDatasets
import Foundation

/// The folder in which data is looked for.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder that holds data sets; else $COPUR_DATA, then the system's data-set folders.", valueName: "dir"))
  var data: String?

  func directory() throws -> DataDirectory {
    try DataDirectory(explicit: data, environment: ProcessInfo.processInfo.environment)
  }
}
