import ArgumentParser
import CopurCore
import CopurDatasets
import CopurFusionCenter
import CopurGRPC
import CopurJointTraining
import CopurReports
import CopurScenarios
import CopurTLS
import CopurTraining
import Foundation
import Logging

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
          --tls-certificate certificates/server.pem --tls-key certificates/server.key --tls-ca certificates/ca.pem

      With --listen this is the fusion center of a training with agents that hold their features, each of which runs \
      `copur agent` without a bundle; it never sees a feature, and the agents never see a label. A training that was \
      killed, and is started again with the same --state, goes on from its last checkpoint.
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

  @OptionGroup var logs: LogOptions

  @OptionGroup var kernelOptions: KernelOptions

  @Flag(help: ArgumentHelp("Stop when standard input ends.", visibility: .hidden))
  var stopWithParent = false

  func run() async throws {
    try await reporting {
      HeapReuse.begin()
      let data = try dataOptions.directory()
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
  private func finish(_ bundle: ModelBundle, models: ModelGroup, seed: UInt64, display: ProgressDisplay) throws {
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
        + (networkOptions.leaveOut.map { ["--leave-out", $0.description] } ?? []),
      agentArguments: ["--seed", "\(seed)"]
        + (networkOptions.state.map { ["--state", "\($0)/agents"] } ?? []), agentsFolder: folder)
    try await processes.train(on: dataset) {
      display.observe(.training(seed: seed, $0))
    } printed: {
      try? Terminal.print($0)
    }
    try Terminal.print("\(folder.relativePath): the agents' models, for `copur agent \(folder.relativePath)/NAME`")
  }

  /// Trains as the fusion center of agents that connect.
  private func serve(
    _ scenario: Scenario, _ trainer: BundleTrainer, models: ModelGroup, seed: UInt64, display: ProgressDisplay
  ) async throws {
    let logger = logs.logger("copur.train")
    // A process of a simulation gets labels that were spoiled, and its agents rows.
    guard trainer.training.poison == nil || stopWithParent else {
      throw CopurError(
        .configuration,
        "poison spoils the rows of a simulation, and these agents hold their own: leave out --listen, or `poison`")
    }
    let table = try KeyedTable(reading: networkOptions.labels!, key: networkOptions.key)
    let classes = scenario.dataset.classNames
    let labels = try table.labels(column: networkOptions.label, classes: classes)
    let digests = try table.keys.map { key in
      guard let digest = KeyedDigest.digest(hexadecimal: key) else {
        throw CopurError(
          .invalidData,
          "\(networkOptions.labels!): a key is 64 hexadecimal digits, as `copur data keys` writes them (actual: \"\(key)\")"
        )
      }
      return digest
    }
    let agents = scenario.agents
    try DescriptorLimit.require(connections: agents.count, for: "a training of \(agents.count) agents")
    let purpose = JSONEncoder()
    purpose.outputFormatting = .sortedKeys
    var configuration = TrainingCenterConfiguration(
      agents: agents, classNames: classes, silence: scenario.dataset.dataset.silence,
      purpose: "\(seed) \(String(decoding: try purpose.encode(models.training), as: UTF8.self))")
    configuration.absence = networkOptions.absence
    configuration.checkpointInterval = networkOptions.checkpointEvery.duration
    configuration.state = networkOptions.state.map { URL(filePath: $0) }
    let center = try TrainingCenter(
      configuration, keys: try LabelledKeys(digests: digests, labels: labels), logger: logger)
    let context = try networkOptions.tls.server()
    for warning in try context?.checkValidity() ?? [] { logger.warning("\(warning)") }
    if context == nil { logger.warning("no TLS: peers are believed what they say they are") }
    let access = try networkOptions.registrations.access(
      hasTLS: context != nil, table: TrainingService.accessTable, logger: logger)
    let address = networkOptions.listen!
    let notices = ServiceNotices(
      "trains with \(agents.count) agents", ports: 1, isChild: stopWithParent, logger: logger)
    let server = GRPCServerService(
      transport: try HTTP2ServerTransport(
        host: address.host, port: address.port, tls: context,
        handshakeFailed: { access.handshakeFailed(peer: $0, error: $1) }),
      router: try access.router(of: [TrainingService(center, access: access)]), listening: { notices.listens() })
    let hangups = HangupService(
      actions: [networkOptions.tls.serverRotation(of: context, logger: logger)].compactMap { $0 }
        .map { rotation in { rotation() } } + [{ networkOptions.registrations.reload(for: access, logger: logger) }],
      notices: notices)
    let training = TrainingRun(
      center: center, trainer: trainer, seed: seed, tellsParent: stopWithParent, logger: logger, display: display
    ) {
      bundle in
      try finish(bundle, models: models, seed: seed, display: display)
    }
    try await runServices([hangups, server, training], watchesParent: stopWithParent, notices: notices, logger: logger)
    try training.result()
  }

  private func percent(_ rate: Float) -> String { String(format: "%.1f %%", 100 * Double(rate)) }
}
