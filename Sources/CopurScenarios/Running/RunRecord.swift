internal import CopurCore
internal import CopurReports
internal import Foundation

/// `run.json`: what was run, on what, by which program.
struct RunRecord: Encodable {
  /// A bundle that was used.
  struct Bundle: Encodable {
    var seed: UInt64
    /// The defences that decide by it.
    var defenses: [String]
    var modelVersion: String
    var manifold: BundleManifest.ManifoldKind
    var code: Int
    var candidates: [BundleManifest.Candidate]
    var leverage: [LeverageConstant]
    /// The largest q that Theorem 2's sufficient condition is proven for.
    var toleratedAgents: Int
    var calibration: CalibrationRecord

    init(seed: UInt64, defenses: [String], bundle: ModelBundle) {
      self.seed = seed
      self.defenses = defenses
      modelVersion = bundle.modelVersion
      manifold = bundle.manifest.manifold
      code = bundle.manifold.codeWidth
      candidates = bundle.manifest.candidates
      leverage = bundle.manifest.leverage
      calibration = bundle.manifest.calibration
      toleratedAgents = bundle.manifest.leverage.toleratedAgents
    }
  }

  /// The machine that it ran on.
  struct Machine: Encodable {
    var operatingSystem = ProcessInfo.processInfo.operatingSystemVersionString
    var cores = ProcessInfo.processInfo.activeProcessorCount
    var memoryBytes = ProcessInfo.processInfo.physicalMemory
  }

  var copurVersion = copurVersionString
  var scenario: String
  var scenarioText: String
  var mode: ResultRow.Mode
  var seeds: [UInt64]
  var dataset: String
  var datasetDigest: String
  var trainRows: Int
  var testRows: Int
  var bundles: [Bundle] = []
  var machine = Machine()
  var started = Date()
  /// When the last measurement was done; left out if the run was interrupted.
  var finished: Date?

  init(scenario: Scenario, options: RunOptions, dataset: Dataset) {
    self.scenario = scenario.name
    scenarioText = scenario.source
    mode = options.mode
    seeds = scenario.seeds
    self.dataset = dataset.name
    datasetDigest = dataset.digest
    trainRows = dataset.train.count
    testRows = dataset.test.count
  }

  /// Writes the record into the output folder, if there is one.
  func write(to folder: URL?) throws {
    guard let folder else { return }
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let file = folder.appending(path: "run.json")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try encoder.encode(self).write(to: file, options: .atomic)
    } catch {
      throw CopurError(.cannotCreate, "\(file.path): the record of the run cannot be written", cause: error)
    }
  }
}

/// The version of this program.
public let copurVersionString = "0.1.0"
