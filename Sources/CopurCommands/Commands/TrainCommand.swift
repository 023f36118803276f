import ArgumentParser
import CopurCore
import CopurDatasets
import CopurReports
import CopurScenarios
import CopurTraining
import Foundation

/// `copur train`: extractors, manifold and fusion model into a bundle.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a scenario's models into a bundle, for `serve` and `agent`.",
    discussion: """
      Examples:
        copur train scenarios/extrasensory/quick.yaml --out bundle
        copur train scenarios/extrasensory/quick.yaml --network --out bundle
        copur train parties.yaml --listen 0.0.0.0:8002 --labels labels-keyed.csv --out bundle --state checkpoints \\
          --tls-certificate certificates/server.pem --tls-key certificates/server.key --tls-ca certificates/ca.pem \\
          --http 127.0.0.1:8000

      With --listen this is the fusion center of a training with agents that hold their features, each of which runs \
      `copur agent` without a bundle; it never sees a feature, and the agents never see a label. A training that was \
      killed, and is started again with the same --state, goes on from its last checkpoint. --http has a page that shows the \
      loss over time, the score on held-out rows, agents, bytes and the time left, and /metrics.
      """)

  @OptionGroup var scenarioOptions: ScenarioOptions

  @Option(help: ArgumentHelp("The folder for the bundle; an old bundle in it is replaced.", valueName: "bundle"))
  var out: String

  @Option(help: ArgumentHelp("The seed; the scenario's first if left out.", valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Train the models of this defence of the scenario, if it has its own; else those that it trains for all.",
      valueName: "name"))
  var defense: String?

  @OptionGroup var dataOptions: DataOptions

  @OptionGroup var networkOptions: TrainingNetworkOptions

  @OptionGroup var http: HTTPOptions

  @OptionGroup var logs: LogOptions

  @OptionGroup var kernelOptions: KernelOptions

  @Flag(help: ArgumentHelp("Stop when standard input ends.", visibility: .hidden))
  var stopWithParent = false

  func validate() throws {
    guard let address = http.http else { return }
    guard networkOptions.network || networkOptions.listen != nil else {
      throw ValidationError("--http shows a training with agents, so it goes with --network or --listen.")
    }
    if networkOptions.network {
      guard address.isLoopback else {
        throw ValidationError(
          "With --network --http serves the dashboard without TLS, so its address is a loopback one (actual: \(address))"
        )
      }
    }
  }

  func run() async throws {
    try await reporting {
      HeapReuse.begin()
      let data = try dataOptions.directory(of: scenarioOptions.scenario)
      let scenario = try scenarioOptions.load(data: data)
      let seed = seed ?? scenario.seeds[0]
      let display = ProgressDisplay(isTerminal: Terminal.showsProgress)
      if networkOptions.network {
        let models = try scenario.models(of: defense)
        try models.trainer(for: scenario.name, source: .null, agents: scenario.agents).checkNetwork()
        return try await interruptible {
          try await trainProcesses(
            scenario, poison: models.training.poison, seed: seed, data: data, display: display)
        }
      }
      let models = try scenario.models(of: defense)
      let trainer = try models.trainer(
        for: scenario.name, source: try JSONValue(encoding: scenario.dataset), agents: scenario.agents)
      if networkOptions.listen != nil {
        // Before anybody waits for agents.
        try trainer.checkNetwork()
        return try await serve(scenario, trainer, models: models, seed: seed, display: display)
      }
      let dataset = try scenario.dataset.load(from: data, agents: scenario.agents)
      for note in scenario.dataset.notes(of: dataset) { display.observe(.noticed(note)) }
      let bundle = try await trainer.train(on: dataset, seed: seed) { display.observe(.training(seed: seed, $0)) }
      try finish(bundle, models: models, seed: seed, display: display)
    }
  }

  /// Writes a bundle, and says how it came about.
  func finish(_ bundle: ModelBundle, models: ModelGroup, seed: UInt64, display: ProgressDisplay) throws {
    try bundle.write(to: URL(filePath: out))
    display.observe(
      .trained(seed: seed, modelVersion: bundle.modelVersion, code: bundle.manifold.codeWidth, reused: false))
    try Terminal.print(
      "\(out): model \(bundle.modelVersion), \(bundle.roster.count) agents, code \(bundle.manifold.codeWidth)")
    for judged in bundle.manifest.trainings ?? [] {
      let changes = judged.training.changes(from: models.training).joined(separator: ", ")
      try Terminal.print(
        "  trained \(changes.isEmpty ? "as the scenario says" : "with \(changes)"): balanced accuracy on held-out training "
          + "rows \(percent(judged.clean)) clean, \(percent(judged.corrupted)) corrupted, code \(judged.code)"
          + (judged.isTaken ? " (taken)" : ""))
    }
    for candidate in bundle.manifest.candidates {
      try Terminal.print(
        "  code \(candidate.code): balanced accuracy on held-out training rows \(percent(candidate.clean)) clean, "
          + "\(percent(candidate.corrupted)) corrupted (\(percent(candidate.corruptedWithoutGate)) without the gate)")
    }
    if let record = bundle.manifest.protection {
      for line in ProtectionDescription(record).lines { try Terminal.print("  " + line) }
    }
    for line in BundleDescription(bundle).lines { try Terminal.print("  " + line) }
  }

  /// Trains with processes on this machine.
  private func trainProcesses(
    _ scenario: Scenario, poison: TrainingPoison?, seed: UInt64, data: DataDirectory, display: ProgressDisplay
  ) async throws {
    let loaded = try scenario.dataset.load(from: data, agents: scenario.agents)
    for note in scenario.dataset.notes(of: loaded) { display.observe(.noticed(note)) }
    let dataset = poison?.applied(to: loaded, seed: seed) ?? loaded
    try DescriptorLimit.require(connections: dataset.roster.count, for: "a training of \(dataset.roster.count) agents")
    let folder = URL(filePath: networkOptions.agentsOut ?? "\(out)-agents")
    let processes = TrainingProcesses(
      executable: try RunCommand.executable(),
      arguments: [
        scenarioOptions.scenario, "--out", out, "--seed", "\(seed)", "--checkpoint-every",
        networkOptions.checkpointEvery.description,
      ]
        + scenarioOptions.words + (defense.map { ["--defense", $0] } ?? [])
        + (dataOptions.data.map { ["--data", $0] } ?? [])
        + (networkOptions.state.map { ["--state", $0] } ?? [])
        + (networkOptions.leaveOut.map { ["--leave-out", $0.description] } ?? [])
        + (http.http.map { ["--http", "\($0)", "--http-plaintext"] } ?? [])
        + (http.httpTokenFile.map { ["--http-token-file", $0] } ?? []),
      agentArguments: ["--seed", "\(seed)"]
        + (networkOptions.state.map { ["--state", "\($0)/agents"] } ?? []), agentsFolder: folder)
    try await processes.train(on: dataset) {
      display.observe(.training(seed: seed, $0))
    } served: {
      Terminal.report("copur: the dashboard is at \($0)")
    } printed: {
      try? Terminal.print($0)
    }
    try Terminal.print("\(folder.relativePath): the agents' models, for `copur agent \(folder.relativePath)/NAME`")
  }

  private func percent(_ rate: Float) -> String { String(format: "%.1f %%", 100 * Double(rate)) }
}
