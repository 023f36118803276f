import ArgumentParser
import CopurAgent
import CopurCore
import CopurDatasets
import CopurGRPC
import CopurNumerics
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
      The agent reads its own columns of the data set that the bundle was trained on, and sends the embedding of every \
      test row, sample by sample, in one session; then it exits. Of a row without a reading it says so, by the bundle's \
      rule, and no round waits for it. It ends with 0 if every block became part of its round, with 69 if some came too \
      late, and with 65 if some were refused for what they are. Lost connections are made again, and what has no \
      receipt is sent again. On SIGHUP it reads its certificates again, for its next connection.

      With --ledger an agent that is started again sends only what the fusion center has not acknowledged.

      With --simulation it waits to be told what to send, and may be told to misbehave.

      Example:
        copur agent bundle --agent acc --connect https://127.0.0.1:8001 --tls-certificate certificates/agent-acc.pem \\
          --tls-key certificates/agent-acc.key --tls-ca certificates/ca.pem
      """)

  @Argument(help: "The bundle's folder.", completion: .directory)
  var bundle: String

  @Option(help: "The agent's name.")
  var agent: String

  @Option(help: ArgumentHelp("The fusion center, https://HOST:PORT, or http:// with --insecure.", valueName: "url"))
  var connect: String

  @Option(
    help: ArgumentHelp(
      "The name that the fusion center's certificate has; the URL's host if left out.", valueName: "name"))
  var serverName: String?

  @OptionGroup var tls: TLSOptions

  @OptionGroup var dataOptions: DataOptions

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
    guard batch >= 1 else { throw ValidationError("--batch is at least 1 (actual: \(batch))") }
    _ = try endpoint()
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
      let (embeddings, present) = try rows(of: index, in: bundle)
      let endpoint = try endpoint()
      let context = try tls.client()
      let serverName = serverName ?? endpoint.host
      var configuration = AgentConfiguration(
        id: id, width: bundle.roster.layout.widths[index], modelVersion: bundle.modelVersion)
      configuration.backoff = delivery.backoff
      let ledger = try delivery.openLedger()
      let sender = Agent(configuration: configuration, ledger: ledger, logger: logger) {
        HTTP2ClientTransport(host: endpoint.host, port: endpoint.port, tls: context, serverName: serverName)
      }
      let rotation = tls.clientRotation(of: context, logger: logger)
      let hangups = HangupService(actions: [{ rotation?() }])
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

  private func endpoint() throws -> SocketAddress {
    let scheme = tls.insecure ? "http://" : "https://"
    guard connect.hasPrefix(scheme), let address = SocketAddress(argument: String(connect.dropFirst(scheme.count))),
      address.port > 0
    else { throw ValidationError("--connect is \(scheme)HOST:PORT (actual: \(connect))") }
    return address
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
    let tally = try await sender.send(blocks, session: session, samplesPerMessage: samplesPerMessage)
    let before = embeddings.rows - blocks.count
    try Terminal.print(
      "\(sender.id): \(tally)\(before > 0 ? ", \(before) in the ledger already" : "")"
        + (tally.firstRefusal.map { "; first refusal: \($0)" } ?? ""))
    let refused = tally[.late] + tally[.conflict] + tally[.invalid]
    guard refused > 0 else { return }
    // Late ones might be in time the next time; the others are wrong as they are.
    throw CopurError(
      tally[.late] == refused ? .unavailable : .invalidData,
      "agent \(sender.id): \(refused) of \(blocks.count) blocks did not become part of their rounds (\(tally))")
  }
}
