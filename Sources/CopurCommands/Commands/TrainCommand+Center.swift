import CopurCore
import CopurDashboard
import CopurDatasets
import CopurFusionCenter
import CopurGRPC
import CopurHTTP2
import CopurJointTraining
import CopurLearning
import CopurScenarios
import CopurServing
import CopurTLS
import CopurTraining
import Foundation
import GRPCCore
import Logging

extension TrainCommand {
  /// Trains as the fusion center of agents that connect.
  func serve(
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
    configuration.executor = EventLoopExecutor.shared
    let center = try TrainingCenter(
      configuration, keys: try LabelledKeys(digests: digests, labels: labels), logger: logger)
    let context = try networkOptions.tls.server()
    for warning in try context?.checkValidity() ?? [] { logger.warning("\(warning)") }
    if context == nil { logger.warning("no TLS: peers are believed what they say they are") }
    let access = try networkOptions.registrations.access(
      hasTLS: context != nil, table: TrainingService.accessTable, logger: logger)
    let address = networkOptions.listen!
    let notices = ServiceNotices(
      "trains with \(agents.count) agents", ports: http.http == nil ? 1 : 2, isChild: stopWithParent, logger: logger)
    let server = GRPCServerService(
      transport: try HTTP2ServerTransport(
        host: address.host, port: address.port, tls: context,
        eventLoopGroup: EventLoopExecutor.shared.eventLoop,
        handshakeFailed: { access.handshakeFailed(peer: $0, error: $1) }),
      router: try access.router(of: [
        TrainingService(center, access: access, traffic: { TrainingProgress.Traffic.counter(of: $0) })
      ]), listening: { notices.listens() })
    let dashboard = TrainingDashboard(
      of: center,
      model: TrainingModel(
        name: scenario.name, kind: "\(trainer.training.jointExchange.mode.rawValue) training, seed \(seed)",
        jointTrainings: trainer.jointTrainings, epochs: trainer.training.epochs,
        holdsOut: trainer.holdsOut(ofRows: labels.count)))
    let httpContext = try http.context(networkOptions.tls)
    let tokens = try http.tokens()
    let plane = http.plane(
      training: TrainingServices(center: center, accessRefusals: { access.refusals }), access: access,
      context: httpContext, tokens: tokens, routes: [{ dashboard.addRoutes(to: $0) }],
      listening: { notices.listens() }, logger: logger)
    let rotations = [
      networkOptions.tls.serverRotation(of: context, logger: logger),
      networkOptions.tls.serverRotation(
        of: httpContext, applicationProtocol: .http1, clientCertificate: .optional, logger: logger),
    ].compactMap { $0 }
    let hangups = HangupService(
      actions: rotations.map { rotation in { rotation() } }
        + [
          { networkOptions.registrations.reload(for: access, logger: logger) },
          { HTTPOptions.reload(tokens, logger: logger) },
        ], notices: notices)
    let training = TrainingRun(
      center: center, trainer: trainer, seed: seed, tellsParent: stopWithParent, logger: logger, display: display
    ) {
      bundle in
      try finish(bundle, models: models, seed: seed, display: display)
    }
    // The page says how the training has ended, to those who watch, before it is gone.
    try await runServices(
      [hangups] + (plane.map { [$0, dashboard] } ?? []) + [server, training], watchesParent: stopWithParent,
      notices: notices, logger: logger)
    try training.result()
  }
}

extension TrainingProgress.Traffic {
  /// The counter of the bytes of a call's connection.
  fileprivate static func counter(of context: ServerContext) -> (@Sendable () -> TrainingProgress.Traffic)? {
    (context.transportSpecific as? PeerIdentity)?.traffic.map { traffic in
      { TrainingProgress.Traffic(received: traffic.received, sent: traffic.sent) }
    }
  }
}
