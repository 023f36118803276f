import ArgumentParser
import CopurCore
import CopurDatasets
import CopurReports
import CopurScenarios
import Foundation
import Logging

/// `copur certify`: certified accuracy, of a scenario's defences against agents or of defences against changed pixels.
struct CertifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certify",
    abstract: "Count the predictions that no attack can change.",
    discussion: """
      Examples:
        copur certify scenarios/extrasensory/adaptive.yaml
        copur certify pixels mnist --out pixels
      """,
    subcommands: [CertifyScenarioCommand.self, CertifyPixelsCommand.self],
    defaultSubcommand: CertifyScenarioCommand.self)
}

/// `copur certify scenario`, or `copur certify` with a scenario: certified accuracy against agents.
struct CertifyScenarioCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenario",
    abstract: "Count the predictions that no attack of some agents can change.",
    discussion: """
      Trains the models of a scenario, or takes them from the cache, and certifies each prediction of a test row: that \
      it stays the same whatever some agents send or withhold, even if they know everything. No attack is played and no \
      probability attached. Defences of kind copur and copur-paper have certificates on a linear manifold of one \
      dimension, and votes such as randomized-ablation; all of the scenario's are in one table unless --defense names one. \
      Without --agents, the sets are those that the scenario's attacks compromise or silence; any one, any two and any \
      three agents are always added.

      Examples:
        copur certify scenarios/extrasensory/adaptive.yaml
        copur certify scenarios/extrasensory/adaptive-baselines.yaml --defense randomized-ablation
        copur certify scenario.yaml --agents time --agents phone,environment,time --seeds 3 --out certificates.jsonl
      """)

  @OptionGroup var scenarioOptions: ScenarioOptions

  @Option(
    help: ArgumentHelp(
      "Which defence of the scenario, by its name; all: those that have certificates.", valueName: "name"))
  var defense = "all"

  @Option(
    help: ArgumentHelp(
      "Agents that lie together, their names with commas between; may be given several times.", valueName: "names"))
  var agents: [String] = []

  @OptionGroup var dataOptions: DataOptions

  @OptionGroup var kernelOptions: KernelOptions

  @Option(help: ArgumentHelp("Use the seeds 0 to n − 1 in place of the scenario's.", valueName: "n"))
  var seeds: Int?

  @Option(help: ArgumentHelp("The folder of bundles that were trained before.", valueName: "dir"))
  var cache: String?

  @Option(help: ArgumentHelp("Also write a line of JSON a seed and set of agents.", valueName: "file"))
  var out: String?

  @Option(help: ArgumentHelp("Also write a line of CSV a seed, set of agents and test row.", valueName: "file"))
  var predictions: String?

  func validate() throws {
    if let seeds, !(1...10_000).contains(seeds) {
      throw ValidationError("--seeds is 1 to 10000 (actual: \(seeds))")
    }
  }

  func run() async throws {
    try await reporting {
      LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
      let data = try dataOptions.directory(of: scenarioOptions.scenario)
      var scenario = try scenarioOptions.load(data: data)
      if let seeds { scenario = scenario.withSeeds((0..<UInt64(seeds)).map { $0 }) }
      let named = try agents.map(Self.names)
      let options = RunOptions(
        mode: .inProcess, data: data,
        cache: cache.map { BundleCache(folder: URL(filePath: $0)) }
          ?? BundleCache(environment: ProcessInfo.processInfo.environment),
        executable: try RunCommand.executable())
      let display = ProgressDisplay(isTerminal: Terminal.showsProgress)
      let runner = ScenarioRunner(scenario: scenario, options: options) { display.observe($0) }
      let sets = named.isEmpty ? scenario.attackedSets : named
      let (rows, certified) = try await interruptible {
        try await runner.certify(defense == "all" ? nil : defense, against: sets)
      }
      if let out { try RowFile.write(rows, as: .jsonLines, to: out) }
      if let predictions { try RowFile.write(certified, as: .csv, to: predictions) }
      try Terminal.print(CertificateTable(rows).rendered(width: Terminal.width), terminator: "")
    }
  }

  /// The agents of one --agents, each once.
  private static func names(in list: String) throws -> [AgentID] {
    var names: [AgentID] = []
    for name in try list.split(separator: ",", omittingEmptySubsequences: false).map({ try AgentID(String($0)) })
    where !names.contains(name) { names.append(name) }
    return names
  }
}
