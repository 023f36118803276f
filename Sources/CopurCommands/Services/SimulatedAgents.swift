import CopurAgent
import CopurCore
import CopurFusionCenter
import CopurGRPC
import CopurHTTP2
import CopurNumerics
import CopurServing
import CopurTLS
import GRPCCore
import Logging
import ServiceLifecycle

/// Agents of a bundle that a scenario driver plays: one process, its data read once, each agent with a connection and a
/// certificate of its own.
struct SimulatedAgents {
  let bundle: ModelBundle
  let dataset: Dataset
  let center: CenterOptions
  let simulation: SimulationOptions
  let delivery: DeliveryOptions
  let logger: Logger

  /// Serves until the process is told to stop.
  func run(_ agents: [ServedAgent], watchesParent: Bool) async throws {
    let endpoint = try center.address()
    let serverName = center.serverName ?? endpoint.host
    var senders: [Agent<HTTP2ClientTransport>] = []
    var simulated: [SimulatedAgent] = []
    var rotations: [CertificateRotation] = []
    let ledger = try delivery.openLedger()
    for served in agents {
      let tls = center.tls.of(agent: served.id)
      let context = try tls.client()
      for warning in try context?.checkValidity() ?? [] { logger.warning("\(warning)") }
      var configuration = AgentConfiguration(
        id: served.id, width: served.extractor.embeddingWidth, modelVersion: served.modelVersion)
      configuration.backoff = delivery.backoff
      let sender = Agent(
        configuration: configuration, ledger: ledger, logger: logger
      ) {
        HTTP2ClientTransport(host: endpoint.host, port: endpoint.port, tls: context, serverName: serverName)
      }
      let index = dataset.roster.index(of: served.id)!
      let (embeddings, present) = try await served.embed(dataset.test.features.columns(dataset.roster.layout[index]))
      simulated.append(SimulatedAgent(sender: sender, embeddings: embeddings, present: present))
      senders.append(sender)
      if let rotation = tls.clientRotation(of: context, logger: logger) { rotations.append(rotation) }
    }
    let notices = ServiceNotices(
      "plays \(agents.count) agents", ports: 1, isChild: watchesParent, logger: logger)
    let hangups = HangupService(actions: rotations.map { rotation in { rotation() } }, notices: notices)
    let server = try server(of: simulated) { notices.listens() }
    try await runServices(
      [hangups, AgentSenders(senders: senders), server], watchesParent: watchesParent, notices: notices, logger: logger)
  }

  private func server(
    of agents: [SimulatedAgent], listening: @escaping @Sendable () -> Void
  ) throws -> GRPCServerService {
    let address = simulation.simulation!
    let service = SimulationService(agents: agents)
    guard let context = try simulation.context(center.tls) else {
      return GRPCServerService(
        transport: try HTTP2ServerTransport(host: address.host, port: address.port, tls: nil), openServices: [service],
        listening: listening)
    }
    for warning in try context.checkValidity() { logger.warning("\(warning)") }
    let access = AccessControl(
      table: .simulation,
      identification: .certificates {
        ($0.transportSpecific as? PeerIdentity)?.certificate.map { PeerCredentials($0) }
      }, logger: logger)
    return GRPCServerService(
      transport: try HTTP2ServerTransport(
        host: address.host, port: address.port, tls: context, refusals: GuardOptions.refusals(logger),
        handshakeFailed: { access.handshakeFailed(peer: $0, error: $1) }),
      router: try access.router(of: [service]), listening: listening)
  }
}
