internal import CopurCore
public import GRPCCore
public import Logging
internal import Synchronization

/// Decides of every call whether its peer may make it; each refusal is counted and has a line in the log.
///
/// ```swift
/// let access = AccessControl(identification: .certificates { … }, logger: logger)
/// let server = GRPCServer(transport: transport, router: try access.router(of: services))
/// ```
public final class AccessControl: ServerInterceptor {
  private let table: AccessTable
  private let identification: PeerIdentification
  private let logger: Logger
  private let counts = Mutex<[String: Int]>([:])
  private let registrations: Mutex<Registrations?>
  /// The time at which a wrong token was last logged, and the number of those since.
  private let wrongTokens = Mutex<(last: ContinuousClock.Instant?, count: Int)>((nil, 0))

  /// - Parameters:
  ///   - table: Who may call what.
  ///   - identification: How a call's peer is known; with ``PeerIdentification/none`` everything is allowed.
  ///   - registrations: Which certificates may name whom; nil: every one that verifies.
  ///   - logger: Gets a line for each refusal.
  public init(
    table: AccessTable = .standard, identification: PeerIdentification, registrations: Registrations? = nil,
    logger: Logger
  ) {
    self.table = table
    self.identification = identification
    self.registrations = Mutex(registrations)
    self.logger = logger
  }

  /// Takes other registrations, for the calls that begin from now on.
  public func replace(registrations new: Registrations) { registrations.withLock { $0 = new } }

  /// The number of calls that were refused for each reason, in the order of the reasons' names.
  public var refusals: [(reason: String, count: Int)] {
    counts.withLock { $0.sorted { $0.key < $1.key }.map { (reason: $0.key, count: $0.value) } }
  }

  /// The methods of services, none of which can be called without a check.
  ///
  /// - Throws: ``CopurError`` of code `.software` if the table has no row for a method.
  public func router<Transport: ServerTransport>(
    of services: [any RegistrableRPCService], for _: Transport.Type = Transport.self
  ) throws -> RPCRouter<Transport> {
    var router = RPCRouter<Transport>()
    for service in services { service.registerMethods(with: &router) }
    let missing = router.methods.map(\.fullyQualifiedMethod).filter { table.rows[.grpc($0)] == nil }
    guard missing.isEmpty else {
      throw CopurError(.software, "the access table has a row for every endpoint (missing: \(missing.sorted()))")
    }
    router.registerInterceptors(pipeline: [.apply(TracingInterceptor(), to: .all), .apply(self, to: .all)])
    return router
  }

  public func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next: @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let endpoint = Endpoint.grpc(context.descriptor.fullyQualifiedMethod)
    try audited(endpoint, peer: context.remotePeer) { () throws(AccessRefusal) in
      if let principal = try principal(in: context) { try table.check(principal, calls: endpoint) }
    }
    return try await next(request, context)
  }

  /// Checks a call that does not come over gRPC.
  ///
  /// - Parameters:
  ///   - credentials: What the peer's certificate says; nil without one.
  ///   - peer: The peer's address, for the log.
  /// - Returns: Who calls; nil if peers are believed what they say they are.
  /// - Throws: ``AccessRefusal``.
  @discardableResult
  public func check(_ endpoint: Endpoint, credentials: PeerCredentials?, peer: String) throws(AccessRefusal)
    -> Principal?
  {
    guard !identification.isNone else { return nil }
    return try audited(endpoint, peer: peer) { () throws(AccessRefusal) in
      let principal = try identification.principal(credentials, registrations: registrations.withLock { $0 })
      try table.check(principal, calls: endpoint)
      return principal
    }
  }

  /// A peer was turned away before it could call anything: its certificate is not one that the service accepts, for
  /// example.
  public func handshakeFailed(peer: String, error: any Error) {
    refused(reason: "handshake", ["peer": "\(peer)", "rule": "\(error)"])
  }

  /// Checks a call of a principal that is known otherwise than by a certificate.
  ///
  /// - Throws: ``AccessRefusal``.
  public func check(_ endpoint: Endpoint, by principal: Principal, peer: String) throws(AccessRefusal) {
    try audited(endpoint, peer: peer) { () throws(AccessRefusal) in try table.check(principal, calls: endpoint) }
  }

  /// A peer showed a token that nobody has. Each is counted; a line is logged once a second at most.
  public func tokenRefused(_ endpoint: Endpoint, peer: String) {
    counts.withLock { $0["token", default: 0] += 1 }
    let count = wrongTokens.withLock { state -> Int? in
      state.count += 1
      guard state.last.map({ .now - $0 >= .seconds(1) }) ?? true else { return nil }
      defer { state = (.now, 0) }
      return state.count
    }
    guard let count else { return }
    logger.warning(
      "access refused",
      metadata: [
        "reason": "token", "endpoint": "\(endpoint)", "peer": "\(peer)", "rule": "a token that the server knows",
        "count": "\(count)",
      ])
  }

  /// Checks that a call's peer is the agent that a message names.
  ///
  /// - Throws: ``AccessRefusal``.
  public func check(agent name: String, in context: ServerContext) throws(AccessRefusal) {
    try audited(.grpc(context.descriptor.fullyQualifiedMethod), peer: context.remotePeer) { () throws(AccessRefusal) in
      guard let principal = try principal(in: context) else { return }
      guard principal == Principal(role: .agent, name: name) else { throw .otherAgent(principal, named: name) }
    }
  }

  private func principal(in context: ServerContext) throws(AccessRefusal) -> Principal? {
    try identification.principal(in: context, registrations: registrations.withLock { $0 })
  }

  private func audited<Result>(
    _ endpoint: Endpoint, peer: String, _ check: () throws(AccessRefusal) -> Result
  ) throws(AccessRefusal) -> Result {
    do {
      return try check()
    } catch {
      refused(reason: error.reason, ["endpoint": "\(endpoint)", "peer": "\(peer)", "rule": "\(error)"])
      throw error
    }
  }

  private func refused(reason: String, _ metadata: Logger.Metadata) {
    counts.withLock { $0[reason, default: 0] += 1 }
    logger.warning("access refused", metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
  }
}
