import ArgumentParser
import CopurAgent
import CopurCore
import CopurDatasets
import CopurGRPC
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

      With --ledger an agent that is started again sends only what the fusion center has not acknowledged.

      With --simulation it waits to be told what to send, and may be told to misbehave.

      Example:
        copur agent bundle --agent acc --connect https://127.0.0.1:8001 --tls-certificate certificates/agent-acc.pem \\
          --tls-key certificates/agent-acc.key --tls-ca certificates/ca.pem --rows acc.csv --key minute
      """)

  @Argument(help: "The bundle's folder.", completion: .directory)
  var bundle: String

  @Option(help: "The agent's name.")
  var agent: String

  @OptionGroup var center: CenterOptions

  @OptionGroup var dataOptions: DataOptions

  @OptionGroup var rowOptions: RowOptions

  @OptionGroup var kernelOptions: KernelOptions

  @Option(help: "The session's name.")
  var session = "live"

  @Option(help: ArgumentHelp("Samples in a message.", valueName: "n"))
  var batch = 1

  @Option(
    help: ArgumentHelp("Serve copur.v1.Simulation there, for a scenario driver; loopback only.", valueName: "host:port")
  )
  var simulation: SocketAddress?

  @OptionGroup var delivery: DeliveryOptions

  @OptionGroup var logs: LogOptions

  @Flag(help: ArgumentHelp("Stop when standard input ends.", visibility: .hidden))
  var stopWithParent = false

  func validate() throws {
    // Whoever reaches the simulation's port can make the agent lie, and it asks for no certificate.
    if let simulation, !simulation.isLoopback {
      throw ValidationError("--simulation listens on this machine only (actual: \(simulation))")
    }
    if simulation != nil, rowOptions.rows != nil {
      throw ValidationError("--simulation plays the rows of the bundle's data set, and --rows are others.")
    }
    guard batch >= 1 else { throw ValidationError("--batch is at least 1 (actual: \(batch))") }
  }

  func run() async throws {
    try await reporting {
      let logger = logs.logger("copur.agent.\(agent)")
      try DescriptorLimit.require(for: "an agent")
      let bundle = try ModelBundle(reading: URL(filePath: bundle))
      let id = try AgentID(agent)
      guard let index = bundle.roster.index(of: id) else {
        throw CopurError(
          .invalidArgument,
          "an agent of the bundle is one of \(bundle.roster.agents.map(\.name).joined(separator: ", ")) (actual: \"\(id)\")"
            + Suggestion.clause(for: id.name, in: bundle.roster.agents.map(\.name))
        )
      }
      let endpoint = try center.address()
      let context = try center.tls.client()
      for warning in try context?.checkValidity() ?? [] { logger.warning("\(warning)") }
      let serverName = center.serverName ?? endpoint.host
      var configuration = AgentConfiguration(
        id: id, width: bundle.roster.layout.widths[index], modelVersion: bundle.modelVersion)
      configuration.backoff = delivery.backoff
      let ledger = try delivery.openLedger()
      let sender = Agent(configuration: configuration, ledger: ledger, logger: logger) {
        HTTP2ClientTransport(host: endpoint.host, port: endpoint.port, tls: context, serverName: serverName)
      }
      let rotation = center.tls.clientRotation(of: context, logger: logger)
      let hangups = HangupService(actions: [{ rotation?() }])
      if let rows = rowOptions.rows {
        let service = SendOwnRows(
          sender: sender, ledger: ledger, source: try RowSource(rows, follows: rowOptions.follow),
          columns: try columns(of: index, in: bundle), key: rowOptions.rowKey, bundle: bundle, index: index,
          session: session, samplesPerMessage: batch, isPaced: rowOptions.pace)
        return try await runServices([hangups, service, sender], watchesParent: stopWithParent, logger: logger)
      }
      let (embeddings, present) = try rows(of: index, in: bundle)
      if let simulation {
        let server = GRPCServerService(
          transport: try HTTP2ServerTransport(host: simulation.host, port: simulation.port, tls: nil),
          openServices: [SimulationService(sender: sender, embeddings: embeddings, present: present)])
        try await runServices([hangups, sender, server], watchesParent: stopWithParent, logger: logger)
      } else {
        let rows = SendRows(
          sender: sender, ledger: ledger, embeddings: embeddings, present: present, session: session,
          samplesPerMessage: batch)
        // Shut down from the last: the sender gives the rows in flight a moment, and then ends the sending.
        try await runServices([hangups, rows, sender], watchesParent: stopWithParent, logger: logger)
      }
    }
  }

  /// The embeddings of the agent's own columns of the test rows, all at once, and of which rows it has a reading.
  private func rows(of index: Int, in bundle: ModelBundle) throws -> (embeddings: Matrix, present: [Bool]) {
    let dataset = try bundle.dataset(from: dataOptions.directory())
    let own = dataset.test.features.columns(dataset.roster.layout[index])
    return (bundle.extractors[index].embed(own), bundle.silence.presence(in: own))
  }

  /// The names of the agent's columns.
  private func columns(of index: Int, in bundle: ModelBundle) throws -> [String] {
    guard let columns = bundle.manifest.agents[index].columns else {
      throw CopurError(
        .invalidData, "the bundle does not name its agents' columns, which --rows needs: train it again")
    }
    return columns
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
