public import CopurCore
public import Foundation

/// `run.json`: what was run, on what, by which program.
public struct RunRecord: Sendable, Codable {
  /// A bundle that was used.
  public struct Bundle: Sendable, Codable {
    /// The seed that it was trained with.
    public var seed: UInt64
    /// The defences that decide by it; nil in older records.
    public var defenses: [String]?
    /// Names the bundle's content.
    public var modelVersion: String
    /// The extractor that embeds agents' rows, in words; nil if the extractors were trained, and in older records.
    public var extractor: String?
    /// The kind of its manifold.
    public var manifold: String
    /// r, the width of the manifold's code.
    public var code: Int
    /// The codes that were tried, and how each did; empty if the code was given.
    public var candidates: [BundleManifest.Candidate]
    /// The ways to train, and how each did; nil if there was only one, and in older records.
    public var trainings: [Training]?
    /// The name of each class; nil in older records.
    public var classes: [String]?
    /// The findings in the training rows; nil if they were not looked through, and in older records.
    public var audit: AuditRecord?
    /// The choice of its defence; nil where the scenario names it, and in older records.
    public var protection: ProtectionRecord?
    /// The greatest distance of the chosen candidate from the best; nil if the code was given.
    public var candidateMargin: Double?
    /// The manifold's leverage constants for one liar, two, …; empty if they are not known.
    public var leverage: [LeverageConstant]
    /// Leverage constants where the agents are silent that an attack silences, one a set of them; nil in older records.
    public var leverageWithMissing: [ObservedLeverage]?
    /// The largest q that Theorem 2's sufficient condition is proven for, all agents observed.
    public var toleratedAgents: Int
    /// δ, and how gate and suspects were calibrated.
    public var calibration: CalibrationRecord
    /// The losses of its training; nil where they are not known, as in older records.
    public var curves: [TrainingCurve]?

    /// - Parameters:
    ///   - defenses: The defences that decide by it.
    ///   - candidateMargin: How far under the best candidate the chosen one may be.
    public init(seed: UInt64, defenses: [String], bundle: ModelBundle, candidateMargin: Double) {
      self.seed = seed
      self.defenses = defenses
      modelVersion = bundle.modelVersion
      extractor = bundle.givenExtractor
      manifold = bundle.manifest.manifold
      code = bundle.manifold.codeWidth
      candidates = bundle.manifest.candidates
      trainings = bundle.manifest.trainings.map { judged in
        judged.map { Training($0, beside: judged[0].training) }
      }
      audit = bundle.manifest.audit
      protection = bundle.manifest.protection
      classes = bundle.manifest.classes
      self.candidateMargin = bundle.manifest.candidates.isEmpty ? nil : candidateMargin
      leverage = bundle.manifest.leverage
      calibration = bundle.manifest.calibration
      toleratedAgents = bundle.manifest.leverage.toleratedAgents
    }
  }

  /// One of several ways to train, as judged on held-out training rows.
  public struct Training: Hashable, Sendable, Codable {
    /// The settings that differ from the scenario's training, as it spells them; empty for that training itself.
    public var changes: [String]
    /// r, the width of the code that this training gets.
    public var code: Int
    /// Balanced accuracy on clean rows.
    public var clean: Float
    /// Mean balanced accuracy over the simulated corruptions.
    public var corrupted: Float
    /// The mean of both, by which a training is chosen.
    public var score: Float { (clean + corrupted) / 2 }
    /// Whether the bundle was trained this way.
    public var isTaken: Bool

    /// - Parameter first: The scenario's training.
    public init(_ judged: BundleManifest.JudgedTraining, beside first: TrainingSettings) {
      changes = judged.training.changes(from: first)
      code = judged.code
      clean = judged.clean
      corrupted = judged.corrupted
      isTaken = judged.isTaken
    }
  }

  /// A defence as the scenario asks for it.
  public struct Defense: Sendable, Codable {
    /// The name in results.
    public var name: String
    /// The defence's kind, as scenarios spell it.
    public var kind: String
    /// The goal of the attacks that it was trained on; nil if it was trained on none.
    public var goal: String?
    /// Whether it was told who lies, which no fusion center is.
    public var isOracle: Bool
    /// The kind in a sentence; nil in older records.
    public var summary: String?

    /// - Parameters:
    ///   - goal: That of the attacks that it was trained on; nil if it was trained on none.
    ///   - summary: The kind in a sentence.
    public init(name: String, kind: String, goal: String? = nil, isOracle: Bool = false, summary: String? = nil) {
      self.name = name
      self.kind = kind
      self.goal = goal
      self.isOracle = isOracle
      self.summary = summary
    }
  }

  /// A kind of attack of the scenario.
  public struct AttackKind: Hashable, Sendable, Codable {
    /// The kind, as rows spell it.
    public var kind: String
    /// The kind in a sentence.
    public var summary: String

    /// - Parameter summary: The kind in a sentence.
    public init(kind: String, summary: String) {
      self.kind = kind
      self.summary = summary
    }
  }

  /// The machine that it ran on.
  public struct Machine: Sendable, Codable {
    /// The operating system's name and version.
    public var operatingSystem: String
    /// The number of its cores.
    public var cores: Int
    /// The size of its memory.
    public var memoryBytes: UInt64
    /// The processor's name; nil where the system does not say, and in older records.
    public var processor: String?
    /// The library of linear algebra and its version; nil in older records.
    public var blas: String?
    /// The library's kernel, which decides how it rounds; nil in older records.
    public var kernel: String?
    /// The vector instructions of matrix products, which are this project's own; nil in older records.
    public var instructions: String?

    /// The machine that this runs on.
    ///
    /// - Parameters:
    ///   - blas: The library of linear algebra and its version.
    ///   - kernel: The library's kernel.
    ///   - instructions: The vector instructions of matrix products.
    public init(blas: String? = nil, kernel: String? = nil, instructions: String? = nil) {
      self.instructions = instructions
      self.blas = blas
      self.kernel = kernel
      processor = Self.processorName
      operatingSystem = ProcessInfo.processInfo.operatingSystemVersionString
      cores = ProcessInfo.processInfo.activeProcessorCount
      memoryBytes = ProcessInfo.processInfo.physicalMemory
    }

    /// Library, kernel and instructions in a line; nil in older records.
    var linearAlgebra: String? {
      guard let blas, let kernel, let instructions else { return nil }
      return "\(blas), kernel \(kernel), products with \(instructions)"
    }

    /// The model that Linux names for its first processor.
    private static var processorName: String? {
      guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
      let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
      return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  /// The version of the program.
  public var copurVersion: String
  /// The commit that the program was built from, with "+changes" where files differed from it; nil in older records.
  public var commit: String?
  /// The command that measures the same, with the scenario's path as it was given and without places for data and results;
  /// nil in older records.
  public var command: String?
  /// The scenario's name.
  public var scenario: String
  /// The scenario's file.
  public var scenarioText: String
  /// The changes by settings of the command line, such as `training.embedding=16`; nil for none.
  public var settings: [String]?
  /// The point of a sweep that was run; nil for a scenario without one.
  public var point: String?
  /// The place of agents and fusion center: one process, or one each.
  public var mode: ResultRow.Mode
  /// The seeds that were to be run.
  public var seeds: [UInt64]
  /// The part of a run that this is; nil for all of it.
  public var shard: Shard?
  /// The seeds of the run that this is a part of; nil where this is all of it.
  public var wholeSeeds: [UInt64]?
  /// The attacks, or the times of a timeline, as results name them; nil in older records.
  public var attacks: [String]?
  /// The defences; nil in older records.
  public var defenses: [Defense]?
  /// The kinds of its attacks, each once; nil in older records.
  public var attackKinds: [AttackKind]?
  /// The agents in the model's order, which gives them their numbers, from 1; nil in older records.
  public var agents: [String]?
  /// The data set's name.
  public var dataset: String
  /// The part of the data set: the scenario's `dataset:` section, defaults filled in; nil in older records.
  public var datasetSource: JSONValue?
  /// Names the rows' content.
  public var datasetDigest: String
  /// Names the content of the test rows alone; nil in older records.
  public var testDigest: String?
  /// The number of rows that models were trained on.
  public var trainRows: Int
  /// The number of rows that results are of.
  public var testRows: Int
  /// Notes on the data; nil in older records.
  public var notes: [String]?
  /// A bundle for each seed that was begun.
  public var bundles: [Bundle] = []
  /// The machine that it ran on.
  public var machine: Machine
  /// The time at which it began.
  public var started = RunRecord.now
  /// The time at which the last measurement was done; left out if the run was interrupted.
  public var finished: Date?

  /// The time in whole seconds, which is what the file holds.
  public static var now: Date { Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down)) }

  /// A run that has begun: it has no results yet.
  public init(
    copurVersion: String, commit: String? = nil, command: String? = nil, machine: Machine = Machine(),
    scenario: String, scenarioText: String,
    mode: ResultRow.Mode, seeds: [UInt64],
    defenses: [Defense]? = nil, dataset: String, datasetSource: JSONValue, datasetDigest: String, trainRows: Int,
    testRows: Int
  ) {
    self.copurVersion = copurVersion
    self.commit = commit
    self.command = command
    self.machine = machine
    self.scenario = scenario
    self.scenarioText = scenarioText
    self.mode = mode
    self.seeds = seeds
    self.defenses = defenses
    self.dataset = dataset
    self.datasetSource = datasetSource
    self.datasetDigest = datasetDigest
    self.trainRows = trainRows
    self.testRows = testRows
  }

  /// The difference that makes an earlier run another one than this, in words; nil if both measure the same.
  func difference(from earlier: RunRecord) -> String? {
    if scenarioText != earlier.scenarioText {
      return scenario == earlier.scenario
        ? "another version of the scenario \(scenario)" : "the scenario \(earlier.scenario)"
    }
    if (settings ?? [], point) != (earlier.settings ?? [], earlier.point) {
      return "\(scenario) with \(earlier.changes ?? "no --set")"
    }
    if mode != earlier.mode { return "mode \(earlier.mode.rawValue)" }
    if shard != earlier.shard { return earlier.shard.map { "shard \($0)" } ?? "all shards in one" }
    if seeds != earlier.seeds { return "the seeds \(earlier.seeds.map { "\($0)" }.joined(separator: ", "))" }
    if datasetDigest != earlier.datasetDigest { return "other data" }
    if (copurVersion, commit) != (earlier.copurVersion, earlier.commit) {
      return "copur \(earlier.copurVersion) (commit \(earlier.commit ?? "not known"))"
    }
    if (machine.blas, machine.kernel) != (earlier.machine.blas, earlier.machine.kernel) {
      return "other linear algebra (\(earlier.machine.linearAlgebra ?? "not known"))"
    }
    return nil
  }

  /// The changes of the scenario, as options of the command line; nil for none.
  var changes: String? {
    let options = (settings ?? []).map { "--set \($0)" } + (point.map { ["--point \($0)"] } ?? [])
    return options.isEmpty ? nil : options.joined(separator: " ")
  }

  /// The scenario's name, with that of the point of a sweep.
  public var title: String { point.map { "\(scenario) (\($0))" } ?? scenario }

  /// The defence of a name; where the record does not list it, one whose kind is its name.
  func defense(_ name: String) -> Defense {
    defenses?.first { $0.name == name } ?? Defense(name: name, kind: name)
  }
}
