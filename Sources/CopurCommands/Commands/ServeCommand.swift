import ArgumentParser
import CopurCore
import CopurDashboard
import CopurDefenses
import CopurFusionCenter
import CopurGRPC
import CopurHTTP2
import CopurScenarios
import CopurServing
import CopurTLS
import Foundation
import GRPCCore
import Logging
import ServiceLifecycle

/// `copur serve`: the fusion center.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Run the fusion center of a bundle.",
    discussion: """
      Takes embeddings from agents over gRPC (copur.v1.FusionCenter), closes a round when every agent that is there has \
      spoken or its deadline has passed, and gives verdicts. A session begins when all of its agents are there, or \
      --session-wait after the last of them came. On SIGTERM it finishes the rounds in flight and exits with 0, or \
      with 74 if the journal has failed. On SIGHUP it reads its certificates, registrations, tokens and the bundle again: new \
      connections use the certificates, and rounds are decided by the new model; bad ones leave the old ones in use.

      With --journal a service that is started again goes on where the last one ended: agents and clients use the same \
      sessions, and open rounds get a new deadline. Several services may share a database: a session is that one's which its \
      agents or clients came to first, the others say whose it is, and the sessions of one that is gone go on with another \
      (lease=SECONDS in the URL, 10 if left out).

      Example:
        copur certs certificates --agents acc gyro
        copur serve bundle --tls-certificate certificates/server.pem --tls-key certificates/server.key \\
          --tls-ca certificates/ca.pem --http 127.0.0.1:8000

      The same port has the Open Inference Protocol (inference.GRPCInferenceService, model "fusion"), health checks and \
      server reflection; --http adds REST, /metrics, /openapi.json and the dashboard.
      """)

  @Argument(help: "The bundle's folder.", completion: .directory)
  var bundle: String

  @Option(
    help: ArgumentHelp("Where agents and clients connect; port 0 takes one that is free.", valueName: "host:port"))
  var grpc = SocketAddress(argument: "127.0.0.1:8001")!

  @OptionGroup var http: HTTPOptions

  @OptionGroup var settings: SettingsOptions

  @OptionGroup var tls: TLSOptions

  @OptionGroup var registrationOptions: RegistrationOptions

  @Option(
    help: ArgumentHelp(
      """
      A defence that sessions may ask for, as in a scenario: copur, or "{ kind: randomized-smoothing, sigma: 2 }"; can be \
      repeated, the first is the default.
      """, valueName: "defense"))
  var defense: [String] = []

  @OptionGroup var roundOptions: RoundOptions

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      """
      Whether verdicts say how many agents, whichever they are, they withstand. Left out: where that costs next to \
      nothing, as of votes; --certify also where it costs more than the decision, as of copur (some 0.1 ms a round).
      """))
  var certify: Bool?

  @OptionGroup var batching: BatchingOptions

  @Option(
    help: ArgumentHelp(
      """
      The journal in which blocks are stored before their receipts go out, an SQLite file (FILE, sqlite:FILE or \
      sqlite:///PATH) or a database (postgresql://USER@HOST/DATABASE); without it receipts do not outlive the process.
      """, valueName: "url"))
  var journal: JournalLocation?

  @Option(
    help: ArgumentHelp(
      """
      The address by which the other fusion centers of a database name this one to agents and clients; no two have the same. \
      That of --grpc if left out.
      """, valueName: "host:port"))
  var advertise: SocketAddress?

  @Flag(
    inversion: .prefixedNo,
    help: "Whether rounds that an earlier run left open in the journal go on; if not, they have no verdict.")
  var resumeRounds = true

  @OptionGroup var dashboardOptions: DashboardOptions

  @OptionGroup var limitOptions: GuardOptions

  @OptionGroup var traceOptions: TraceOptions

  @OptionGroup var logs: LogOptions

  @OptionGroup var kernelOptions: KernelOptions

  @Flag(help: ArgumentHelp("Stop when standard input ends.", visibility: .hidden))
  var stopWithParent = false

  func run() async throws {
    try await reporting {
      let logger = logs.logger("copur.serve")
      let bundle = try ModelBundle(reading: URL(filePath: bundle))
      try DescriptorLimit.require(connections: bundle.roster.count, for: "a service for \(bundle.roster.count) agents")
      let specs = try defenses(of: bundle)
      let configuration = try FusionCenterConfiguration(
        roster: bundle.roster, modelVersion: bundle.modelVersion,
        defenses: try specs.map { try $0.make(from: bundle) }, deadline: roundOptions.deadline.duration,
        liars: roundOptions.liars(in: bundle), quorum: roundOptions.quorum(in: bundle),
        patience: roundOptions.patience, certification: certify.map { $0 ? .always : .never } ?? .cheap,
        batch: batching.batch,
        batchDelay: batching.batchDelay.duration)
      let center = try await FusionCenter(
        configuration: configuration, journal: try await openedJournal(of: bundle), resumesOpenRounds: resumeRounds,
        logger: logger)
      center.watch(for: bundle)
      logger.tellChoice(of: bundle, by: specs)
      roundOptions.tell(configuration, to: logger)
      let context = try tls.server()
      for warning in try context?.checkValidity() ?? [] { logger.warning("\(warning)") }
      if certify == true {
        for (defense, certifier) in zip(center.model.defenses, center.model.certifiers) where certifier == nil {
          logger.warning(
            "no certificates for this defence's kind or manifold", metadata: ["defense": "\(defense.name)"])
        }
      }
      if context == nil { logger.warning("no TLS: peers are believed what they say they are") }
      let access = try registrationOptions.access(hasTLS: context != nil, logger: logger)
      let refusals = GuardOptions.refusals(logger)
      let tracing = try traceOptions.tracing(of: center, at: advertise ?? grpc, logger: logger)
      let clients = ClientServices(
        center: center, accessRefusals: { access.refusals }, http2Refusals: { refusals.counts },
        spans: { tracing?.counts ?? [] })
      var limits = HTTP2TransportConfiguration()
      // Agents are told this limit, so it has to be the one that holds.
      limits.maximumMessageBytes = configuration.maximumMessageBytes
      limitOptions.apply(to: &limits)
      let notices = ServiceNotices(
        "takes rounds of \(bundle.roster.count) agents, model \(bundle.modelVersion)", ports: http.http == nil ? 1 : 2,
        isChild: stopWithParent, answers: { _ = center.isReady }, logger: logger)
      let server = GRPCServerService(
        transport: try HTTP2ServerTransport(
          host: grpc.host, port: grpc.port, tls: context, configuration: limits,
          refusals: refusals, handshakeFailed: { access.handshakeFailed(peer: $0, error: $1) }),
        router: try access.router(of: [FusionCenterService(center, access: access)] + clients.grpcServices),
        listening: { notices.listens() })
      let dashboard =
        http.http == nil
        ? nil
        : try dashboardOptions.dashboard(of: center, bundle: bundle) {
          access.refusals.map { (rule: $0.reason, count: $0.count) } + refusals.counts
        }
      let httpContext = try http.context(tls)
      let tokens = try http.tokens()
      let plane = http.plane(
        clients: clients, access: access, context: httpContext, tokens: tokens,
        routes: dashboard.map { dashboard in [{ dashboard.addRoutes(to: $0) }] } ?? [],
        listening: { notices.listens() }, logger: logger)
      let rotations = [
        tls.serverRotation(of: context, logger: logger),
        tls.serverRotation(
          of: httpContext, applicationProtocol: .http1, clientCertificate: .optional, logger: logger),
        tracing?.rotation,
      ].compactMap { $0 }
      let reload = BundleReload(
        folder: URL(filePath: self.bundle), defenses: specs, first: bundle, center: center, logger: logger)
      let hangups = HangupService(
        actions: rotations.map { rotation in { rotation() } }
          + [
            { registrationOptions.reload(for: access, logger: logger) }, { HTTPOptions.reload(tokens, logger: logger) },
            { await reload() },
          ], notices: notices)
      // The fusion center is shut down first, while the servers still serve what is in flight, and the exporter of spans last.
      let services: [(any Service)?] = [
        tracing?.exporter, hangups, HeapTrimming(), plane, server, dashboard, tracing?.rounds, center,
      ]
      try await runServices(
        services.compactMap { $0 },
        watchesParent: stopWithParent, notices: notices, longestWork: roundOptions.deadline.duration,
        logger: logger)
    }
  }

  /// The journal that `--journal` names, or one in memory.
  private func openedJournal(of bundle: ModelBundle) async throws -> any Journal {
    let opened: any Journal =
      if let journal {
        try await JournalRegistry.known.journal(at: journal, roster: bundle.roster, address: "\(advertise ?? grpc)")
      } else { MemoryJournal() }
    guard advertise == nil || opened is any SharedJournal else {
      throw CopurError(
        .invalidArgument,
        "--advertise is for a journal that several fusion centers write to, postgresql://… (actual: "
          + "\(journal.map { $0.scheme ?? "a file" } ?? "none"))"
      )
    }
    return opened
  }

  /// The defences that `--defense` names.
  private func defenses(of bundle: ModelBundle) throws -> [DefenseSpec] {
    guard !defense.isEmpty else { return [DefenseSpec.standard(for: bundle)] }
    return try defense.map { argument in
      let spec = try DefenseSpec(
        argument: argument, context: KindContext(agents: bundle.roster.agents, classNames: bundle.manifest.classes))
      guard !spec.kind.isOracle else {
        throw CopurError(
          .invalidArgument, "a service does not know who lies, as this defence would have to (actual: \"\(spec.name)\")"
        )
      }
      return spec
    }
  }
}
