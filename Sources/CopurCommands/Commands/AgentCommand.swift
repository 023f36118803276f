import ArgumentParser
import CopurAgent
import CopurCore
import CopurDatasets
import CopurGRPC
import CopurJointTraining
import CopurNumerics
import CopurTLS
import CopurWire
import Foundation
import Logging
import ServiceLifecycle

/// `copur agent`: one agent.
struct AgentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent",
    abstract: "Run one agent of a bundle: extract its features' embeddings and send them.",
    discussion: """
      With --rows the agent reads rows of its own, as they come, and sends their embeddings in one session. Without, it \
      reads its columns of the data set that the bundle was trained on, sends every test row, and exits. Of a row without a reading it says so, by the bundle's \
      rule, and no round waits for it. It ends with 0 if every block became part of its round, with 69 if some came too \
      late, and with 65 if some were refused for what they are. Lost connections are made again, and what has no \
      receipt is sent again. On SIGHUP it reads its certificates again, for its next connection.

      A bundle may name a program as its extractor (kind `external`). It is started, and gets the agent's rows, with \
      --trust-extractor alone: a bundle may come from others.

      With --ledger an agent that is started again sends only what the fusion center has not acknowledged.

      Without BUNDLE it takes part in a training (`copur train --listen`): it learns an extractor of its own rows, and keeps \
      it in the folder of --out, which is what it is started with afterwards. Its features stay where they are.

      With --simulation it waits to be told what to send, and may be told to misbehave. So several agents can be in one \
      process, --agents, each with a connection and a certificate of its own: {agent} in the files' paths is its name.

      Example:
        copur agent bundle --agent acc --connect https://127.0.0.1:8001 --tls-certificate certificates/agent-acc.pem \\
          --tls-key certificates/agent-acc.key --tls-ca certificates/ca.pem --rows acc.csv --key minute
      """)

  @Argument(
    help: "The bundle's folder, or the one with the agent's own model; left out to take part in a training.",
    completion: .directory)
  var bundle: String?

  @Option(help: "The agent's name.")
  var agent: String?

  @Option(help: ArgumentHelp("The names of several agents, for --simulation.", valueName: "name,…"))
  var agents: String?

  @OptionGroup var center: CenterOptions

  @OptionGroup var settings: SettingsOptions

  @OptionGroup var dataOptions: DataOptions

  @OptionGroup var rowOptions: RowOptions

  @OptionGroup var trainingOptions: AgentTrainingOptions

  @OptionGroup var kernelOptions: KernelOptions

  @Option(help: "The session's name.")
  var session = "live"

  @Option(help: ArgumentHelp("Samples in a message.", valueName: "n"))
  var batch = 1

  @Flag(help: "Let a program that the bundle names as the extractor have this agent's rows, and start it.")
  var trustExtractor = false

  @OptionGroup var simulationOptions: SimulationOptions

  @OptionGroup var delivery: DeliveryOptions

  @OptionGroup var logs: LogOptions

  @Flag(help: ArgumentHelp("Stop when standard input ends.", visibility: .hidden))
  var stopWithParent = false

  func validate() throws {
    let simulation = simulationOptions.simulation
    try simulationOptions.check(with: center.tls)
    guard (agent == nil) != (agents == nil) else {
      throw ValidationError("An agent has its name, --agent, or several have theirs, --agents.")
    }
    if agents != nil, simulation == nil {
      throw ValidationError("--agents is for --simulation: without, an agent has a process of its own.")
    }
    if simulation != nil, rowOptions.rows != nil {
      throw ValidationError("--simulation plays the rows of the bundle's data set, and --rows are others.")
    }
    if bundle == nil {
      guard rowOptions.rows != nil, rowOptions.key != nil, !rowOptions.follow, simulationOptions.simulation == nil
      else {
        throw ValidationError("Without a bundle an agent takes part in a training, with --rows FILE and --key COLUMN.")
      }
      try trainingOptions.validateTraining()
    } else if let name = trainingOptions.given {
      throw ValidationError("\(name) is about a training, in which an agent has no bundle yet.")
    }
    guard batch >= 1 else { throw ValidationError("--batch is at least 1 (actual: \(batch))") }
  }

  func run() async throws {
    try await reporting {
      let names = agent.map { [$0] } ?? agents!.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let logger = logs.logger(names.count == 1 ? "copur.agent.\(names[0])" : "copur.agents")
      try DescriptorLimit.require(
        connections: names.count, for: names.count == 1 ? "an agent" : "a process of \(names.count) agents")
      let ids = try names.map { try AgentID($0) }
      guard Set(ids).count == ids.count else {
        throw CopurError(.invalidArgument, "--agents names an agent once")
      }
      let id = ids[0]
      guard let bundle else { return try await train(id, logger: logger) }
      let folder = URL(filePath: bundle)
      if AgentModel.isAgentModel(folder) {
        return try await serve(try ServedAgent(AgentModel(reading: folder), as: id), bundle: nil, logger: logger)
      }
      let model = try ModelBundle(reading: folder)
      try model.checkExtractors()
      let agents = try ids.map { try ServedAgent($0, of: model) }
      for agent in agents where !trustExtractor { try agent.checkTrust() }
      if simulationOptions.simulation != nil {
        return try await SimulatedAgents(
          bundle: model, dataset: try model.dataset(from: dataOptions.directory()), center: center,
          simulation: simulationOptions, delivery: delivery, logger: logger
        ).run(agents, watchesParent: stopWithParent)
      }
      try await serve(agents[0], bundle: model, logger: logger)
    }
  }

  /// Sends blocks of a model's agent.
  ///
  /// - Parameter bundle: What names the data set that rows come from; nil where the agent has its own model.
  private func serve(_ served: ServedAgent, bundle: ModelBundle?, logger: Logger) async throws {
    let endpoint = try center.address()
    let context = try center.tls.of(agent: served.id).client()
    for warning in try context?.checkValidity() ?? [] { logger.warning("\(warning)") }
    let serverName = center.serverName ?? endpoint.host
    var configuration = AgentConfiguration(
      id: served.id, width: served.extractor.embeddingWidth, modelVersion: served.modelVersion)
    configuration.backoff = delivery.backoff
    let ledger = try delivery.openLedger()
    let otherName = center.serverName
    let sender = Agent(
      configuration: configuration, ledger: ledger, logger: logger,
      connectElsewhere: { try CenterOptions.transport(to: $0, tls: context, serverName: otherName) },
      connect: {
        HTTP2ClientTransport(host: endpoint.host, port: endpoint.port, tls: context, serverName: serverName)
      })
    let rotation = center.tls.of(agent: served.id).clientRotation(of: context, logger: logger)
    let notices = ServiceNotices(
      "sends to \(center.connect) as \(served.id)", isChild: stopWithParent, logger: logger)
    let hangups = HangupService(actions: [{ rotation?() }], notices: notices)
    if let rows = rowOptions.rows {
      let service = SendOwnRows(
        sender: sender, ledger: ledger, source: try RowSource(rows, follows: rowOptions.follow),
        columns: try served.knownColumns(), key: rowOptions.rowKey, served: served, session: session,
        samplesPerMessage: batch, isPaced: rowOptions.pace)
      return try await runServices(
        [hangups, service, sender], watchesParent: stopWithParent, notices: notices, logger: logger)
    }
    guard let bundle else {
      throw CopurError(.invalidArgument, "an agent with a model of its own sends rows of its own: give --rows")
    }
    let (embeddings, present) = try await rows(of: served, in: bundle)
    let rows = SendRows(
      sender: sender, ledger: ledger, embeddings: embeddings, present: present, session: session,
      samplesPerMessage: batch)
    // Shut down from the last: the sender gives the rows in flight a moment, and then ends the sending.
    try await runServices([hangups, rows, sender], watchesParent: stopWithParent, notices: notices, logger: logger)
  }

  /// Takes part in a training, and keeps what it serves with afterwards.
  private func train(_ id: AgentID, logger: Logger) async throws {
    let path = rowOptions.rows!
    let table = try KeyedTable(reading: path, key: rowOptions.key!)
    let (columns, features) = try table.features(
      columns: trainingOptions.columns.isEmpty ? nil : trainingOptions.columns)
    let rows = try AgentRows(
      columns: columns, features: features, keys: table.keys, name: path,
      digest: try KeyedDigest(secret: try SecretFile.read(trainingOptions.secret!)),
      honest: try trainingOptions.honestRows.map { path in
        let table = try KeyedTable(reading: path, key: rowOptions.key!)
        let honest = try table.features(columns: columns).features
        guard honest.rows == features.rows else {
          throw CopurError(
            .invalidData, "\(path): as many rows as in \(rowOptions.rows!), \(features.rows) (actual: \(honest.rows))")
        }
        return honest
      })
    let endpoint = try center.address()
    let context = try center.tls.client()
    for warning in try context?.checkValidity() ?? [] { logger.warning("\(warning)") }
    let serverName = center.serverName ?? endpoint.host
    let folder = URL(filePath: trainingOptions.out!)
    let trainee = TrainingAgent(
      id: id, rows: rows, seed: trainingOptions.seed,
      folder: trainingOptions.state.map { URL(filePath: $0).appending(path: id.name) },
      backoff: delivery.backoff, answerDelay: trainingOptions.answerDelay?.duration,
      playsAttacks: trainingOptions.playAttacks, logger: logger
    ) {
      try $0.write(to: folder)
    } connect: {
      HTTP2ClientTransport(host: endpoint.host, port: endpoint.port, tls: context, serverName: serverName)
    }
    let training = AgentTrainingRun(agent: trainee)
    let rotation = center.tls.clientRotation(of: context, logger: logger)
    let notices = ServiceNotices("trains with \(center.connect) as \(id)", isChild: stopWithParent, logger: logger)
    try await runServices(
      [HangupService(actions: [{ rotation?() }], notices: notices), training], watchesParent: stopWithParent,
      notices: notices, logger: logger)
    let model = try training.result()
    try Terminal.print("\(folder.relativePath): agent \(id) of model \(model.modelVersion), \(columns.count) columns")
  }

  /// The embeddings of the agent's own columns of the test rows, all at once, and of which rows it has a reading.
  private func rows(
    of served: ServedAgent, in bundle: ModelBundle
  ) async throws -> (embeddings: Matrix, present: [Bool]) {
    let dataset = try bundle.dataset(from: dataOptions.directory())
    let index = dataset.roster.index(of: served.id)!
    let own = dataset.test.features.columns(dataset.roster.layout[index])
    return try await served.embed(own)
  }
}

/// Sends all rows once, then ends.
private struct SendRows: Service {
  let sender: Agent<HTTP2ClientTransport>
  let ledger: ReceiptLedger?
  let embeddings: Matrix
  let present: [Bool]
  let session: String
  let samplesPerMessage: Int

  func run() async throws {
    let blocks = (0..<embeddings.rows).map {
      present[$0] ? OutgoingBlock(sample: UInt64($0), values: embeddings[row: $0]) : .silence(of: UInt64($0))
    }.filter { !(ledger?.hasReceipt(of: $0, session: session) ?? false) }
    var delivery = Delivery()
    delivery.tally = try await sender.send(blocks, session: session, samplesPerMessage: samplesPerMessage)
    delivery.inLedger = embeddings.rows - blocks.count
    try delivery.tell(of: sender.id)
    try delivery.check(of: sender.id)
  }
}
