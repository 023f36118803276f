internal import CopurCore
public import CopurFusionCenter
internal import Foundation
public import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
public import ServiceLifecycle

/// The HTTP plane of a fusion center, or of a training: health, metrics, inference, and whatever routes other modules add.
///
/// ```swift
/// let plane = HTTPPlane(
///   HTTPPlaneConfiguration(host: "127.0.0.1", port: 8000), clients: clients, access: access,
///   routes: [{ router in router.get("hello") { _, _ in "hello" } }], logger: logger)
/// try await plane.run()
/// ```
public struct HTTPPlane: Service {
  /// Adds routes; called once, before the plane listens.
  public typealias Routes = @Sendable (Router<HTTPPlaneContext>) -> Void

  private let configuration: HTTPPlaneConfiguration
  private let content: PlaneContent
  private let access: AccessControl
  private let planeGuard: PlaneGuard
  private let routes: [Routes]
  private let listening: @Sendable (_ host: String, _ port: Int) -> Void
  private let logger: Logger

  /// The plane of a fusion center.
  ///
  /// - Parameters:
  ///   - routes: Further routes; they are behind the same middleware as the plane's own.
  ///   - listening: Told where the plane listens, once it does.
  public init(
    _ configuration: HTTPPlaneConfiguration, clients: ClientServices, access: AccessControl, routes: [Routes] = [],
    listening: @escaping @Sendable (_ host: String, _ port: Int) -> Void = { _, _ in }, logger: Logger
  ) {
    self.init(configuration, access: access, routes: routes, listening: listening, logger: logger) {
      .inference(clients, configuration, planeGuard: $0)
    }
  }

  /// The plane of a training: health and metrics.
  ///
  /// - Parameters:
  ///   - routes: Further routes; they are behind the same middleware as the plane's own.
  ///   - listening: Told where the plane listens, once it does.
  public init(
    _ configuration: HTTPPlaneConfiguration, training: TrainingServices, access: AccessControl, routes: [Routes] = [],
    listening: @escaping @Sendable (_ host: String, _ port: Int) -> Void = { _, _ in }, logger: Logger
  ) {
    self.init(configuration, access: access, routes: routes, listening: listening, logger: logger) {
      .training(training, planeGuard: $0)
    }
  }

  private init(
    _ configuration: HTTPPlaneConfiguration, access: AccessControl, routes: [Routes],
    listening: @escaping @Sendable (_ host: String, _ port: Int) -> Void, logger: Logger,
    content: (PlaneGuard) -> PlaneContent
  ) {
    self.configuration = configuration
    self.access = access
    planeGuard = PlaneGuard(
      limits: .init(connections: configuration.maximumConnections, perPeer: configuration.maximumConnectionsPerPeer))
    self.content = content(planeGuard)
    self.routes = routes
    self.listening = listening
    var logger = logger
    // Hummingbird tells of each start, which the ready line does.
    if logger.logLevel == .info { logger.logLevel = .notice }
    self.logger = logger
  }

  /// Serves until the surrounding service group shuts down gracefully, then lets requests in flight end.
  ///
  /// - Throws: ``CopurError`` of code `.unavailable` that names the address if it cannot be had.
  public func run() async throws {
    let application = Application(
      router: router(), server: server,
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port), serverName: "copur", backlog: 1024),
      onServerRunning: { channel in
        guard let address = channel.localAddress, let port = address.port else { return }
        listening(address.ipAddress ?? configuration.host, port)
      }, logger: logger)
    do {
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask {
          while (try? await Task.sleep(for: .seconds(1))) != nil { content.collect() }
        }
        try await application.run()
        group.cancelAll()
      }
    } catch let error as IOError {
      throw CopurError(
        .unavailable,
        "cannot listen on \(configuration.host):\(configuration.port): \(String(cString: strerror(error.errnoCode)))")
    }
  }

  private func router() -> Router<HTTPPlaneContext> {
    let router = Router(context: HTTPPlaneContext.self, options: [.autoGenerateHeadEndpoints])
    let own = Router(context: HTTPPlaneContext.self)
    addRoutes(to: own)
    router.add(middleware: HTTPMetersMiddleware(meters: content.http))
    let limit = configuration.maximumBodyBytes
    router.add(middleware: TraceMiddleware())
    router.add(
      middleware: ProblemMiddleware(
        routes: own.routes.map { (method: $0.method, path: $0.path) }, maximumBodyBytes: limit))
    router.add(
      middleware: AccessMiddleware(
        access: access, tokens: configuration.tokens, isOpen: configuration.isOpen, planeGuard: planeGuard))
    // Middleware is for the routes that are added after it.
    addRoutes(to: router)
    return router
  }

  /// The plane's own routes, such as `GET /v2`, without those that other modules add: of a fusion center all that
  /// `Resources/openapi.json` describes.
  package var ownRoutes: [String] {
    let router = Router(context: HTTPPlaneContext.self)
    content.addRoutes(router)
    return router.routes.map { "\($0.method.rawValue) \($0.path)" }
  }

  private func addRoutes(to router: Router<HTTPPlaneContext>) {
    content.addRoutes(router)
    for add in routes { add(router) }
  }

  private var server: HTTPServerBuilder {
    let idleTimeout = TimeAmount(configuration.idleTimeout)
    let tls = configuration.tls
    var limits = RequestTimers.Limits()
    (limits.head, limits.write) = (configuration.headTimeout, configuration.writeTimeout)
    limits.nextHead = max(configuration.idleTimeout, configuration.headTimeout)
    return HTTPServerBuilder { [limits, planeGuard] responder in
      let channel = HTTP1Channel(
        responder: responder,
        configuration: HTTP1Channel.Configuration(
          additionalChannelHandlers: [RequestTimers(limits: limits, planeGuard: planeGuard)],
          idleTimeout: idleTimeout,
          httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)))
      return if let tls {
        GuardedChildChannel(base: TLSChildChannel(base: channel, tls: tls), limits: planeGuard)
      } else {
        GuardedChildChannel(base: channel, limits: planeGuard)
      }
    }
  }
}
