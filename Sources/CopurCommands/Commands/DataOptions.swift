import ArgumentParser
import CopurDatasets
import Foundation

/// The folder in which data is looked for.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder that holds data sets; else $COPUR_DATA, then the system's data-set folders.", valueName: "dir"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "The folder of the scenario, which may name files beside it; told to processes that a run starts.",
      valueName: "dir", visibility: .hidden))
  var scenarioFolder: String?

  /// The folders of a search.
  ///
  /// - Parameter scenario: The file of the scenario that names the data; nil if there is none.
  func directory(of scenario: String? = nil) throws -> DataDirectory {
    let folder = scenario.map { ($0 as NSString).deletingLastPathComponent } ?? scenarioFolder
    return try DataDirectory(
      explicit: data, scenarioFolder: folder.flatMap { $0.isEmpty ? nil : $0 },
      environment: ProcessInfo.processInfo.environment)
  }
}
