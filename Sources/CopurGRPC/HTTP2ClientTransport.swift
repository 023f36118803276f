internal import CopurHTTP2
public import CopurTLS
public import GRPCCore
public import NIOCore
public import NIOPosix
internal import Synchronization

/// gRPC's client transport over HTTP/2, with or without TLS.
///
/// Calls share one connection. When it is lost, the calls on it fail with UNAVAILABLE, and the next call connects
/// again. After a failure to connect, calls fail at once until the backoff has passed, or wait if their options say
/// `waitForReady`.
///
/// ```swift
/// let transport = HTTP2ClientTransport(host: "127.0.0.1", port: 8001, tls: context, serverName: "localhost")
/// try await withGRPCClient(transport: transport) { client in … }
/// ```
public final class HTTP2ClientTransport: ClientTransport {
  public typealias Bytes = [UInt8]

  /// Calls are not throttled.
  public var retryThrottle: RetryThrottle? { nil }

  private let connector: HTTP2Connector
  private let pseudoHeaders: [HTTP2Header]
  private let requestHeaders: [HTTP2Header]
  private let configuration: HTTP2TransportConfiguration
  private let backoff: ConnectionBackoff
  private let eventLoopGroup: any EventLoopGroup
  private let state = Mutex(ClientTransportState())
  private let random: Mutex<any RandomNumberGenerator & Sendable>

  /// Describes a client; nothing is connected before ``connect()``.
  ///
  /// - Parameters:
  ///   - host: The server's host name or address.
  ///   - port: The server's port.
  ///   - tls: Certificates and trust, `nil` for plain text (HTTP/2 with prior knowledge).
  ///   - serverName: The name that the server's certificate has to have, `host` if it is not given.
  ///   - backoff: How long to wait between attempts to connect.
  ///   - random: Where the jitter of these waits comes from.
  ///   - configuration: The limits.
  ///   - eventLoopGroup: The event loops; one of them serves a connection.
  public init(
    host: String,
    port: Int,
    tls: TLSContext?,
    serverName: String? = nil,
    backoff: ConnectionBackoff = ConnectionBackoff(),
    random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
    configuration: HTTP2TransportConfiguration = HTTP2TransportConfiguration(),
    eventLoopGroup: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
  ) {
    let name = serverName ?? host
    self.connector = HTTP2Connector(
      host: host,
      port: port,
      tls: tls,
      serverName: name,
      configuration: configuration.http2,
      connectTimeout: TimeAmount(configuration.connectTimeout),
      handshakeTimeout: TimeAmount(configuration.handshakeTimeout))
    self.pseudoHeaders = [
      HTTP2Header(":method", "POST"),
      HTTP2Header(":scheme", tls == nil ? "http" : "https"),
      HTTP2Header(":authority", name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"),
    ]
    self.requestHeaders = [
      HTTP2Header("te", "trailers"),
      HTTP2Header("content-type", "application/grpc"),
      HTTP2Header("user-agent", "grpc-swift-copur"),
    ]
    self.configuration = configuration
    self.backoff = backoff
    self.random = Mutex(random)
    self.eventLoopGroup = eventLoopGroup
  }

  /// Connects, and keeps the transport going until ``beginGracefulShutdown()`` is called and all calls have ended.
  ///
  /// Cancelling the task ends all calls at once.
  ///
  /// - Throws: An `RPCError` if it is called twice.
  public func connect() async throws {
    let (finished, continuation) = AsyncStream.makeStream(of: Never.self)
    perform(try state.withLock { (state) throws(RPCError) in try state.connectCalled(continuation) })
    await withTaskCancellationHandler {
      // Ends when all connections are closed, or when the task is cancelled.
      for await _ in finished {}
    } onCancel: {
      perform(state.withLock { $0.cancelled() })
    }
  }

  public func beginGracefulShutdown() {
    perform(state.withLock { $0.shutdownBegan() })
  }

  public func config(forMethod descriptor: MethodDescriptor) -> MethodConfig? {
    nil
  }

  public func withStream<T: Sendable>(
    descriptor: MethodDescriptor,
    options: CallOptions,
    _ closure: (RPCStream<Inbound, Outbound>, ClientContext) async throws -> T
  ) async throws -> T {
    let connection = try await connection(waitsForReady: options.waitForReady ?? false)
    defer { perform(state.withLock { $0.streamFinished() }) }

    let call = ClientCall.make(
      on: connection,
      isStreaming: descriptor.type?.isRequestStreaming ?? true,
      maximumRequestBytes: options.maxRequestMessageBytes ?? .max,
      maximumResponseBytes: options.maxResponseMessageBytes ?? configuration.maximumMessageBytes)
    defer { call.end(RPCError(code: .cancelled, message: "the call is over")) }
    // RFC 9113 section 8.3: pseudo-headers come first.
    let path = HTTP2Header(":path", "/\(descriptor.fullyQualifiedMethod)")
    let writer = ClientWriter(requestHead: pseudoHeaders + [path] + requestHeaders, call: call)
    let stream = RPCStream(
      descriptor: descriptor,
      inbound: RPCAsyncSequence(wrapping: call.inbound),
      outbound: RPCWriter.Closable(wrapping: writer))
    let context = ClientContext(
      descriptor: descriptor, remotePeer: connection.remotePeer, localPeer: connection.localPeer)
    return try await DirectMessages.$current.withValue(call.direct) {
      try await withTaskExecutorPreference(connection.executor) { try await closure(stream, context) }
    }
  }

  private func connection(waitsForReady: Bool) async throws -> ClientConnection {
    if let connection = state.withLock({ $0.streamWanted() }) { return connection }
    let id = state.withLock { $0.nextID() }
    defer { state.withLock { $0.waiterDone(id: id) } }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let answer = state.withLock { state in
          state.streamWanted(id: id, waitsForReady: waitsForReady, waiter: continuation)
        }
        switch answer {
        case .use(let connection): continuation.resume(returning: connection)
        case .fail(let error): continuation.resume(throwing: error)
        case .wait(let actions): perform(actions)
        }
      }
    } onCancel: {
      perform(state.withLock { $0.waiterCancelled(id: id) })
    }
  }

  private func perform(_ actions: [ClientTransportState.Action]) {
    for action in actions {
      switch action {
      case .connect(let id):
        connect(id: id)
      case .backOff(let failures):
        let delay = random.withLock { TimeAmount(backoff.delay(afterFailures: failures, using: &$0)) }
        eventLoopGroup.any().scheduleTask(in: delay) {
          self.perform(self.state.withLock { $0.backoffElapsed() })
        }
      case .resume(let waiters, let result):
        for waiter in waiters { waiter.resume(with: result) }
      case .quiesce(let channels):
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
      case .close(let channels):
        for channel in channels { channel.close(promise: nil) }
      case .finish(let finished):
        finished.finish()
      }
    }
  }

  private func connect(id: UInt64) {
    let timeout = TimeAmount(configuration.handshakeTimeout)
    let connecting = connector.connect(on: eventLoopGroup) { channel in
      self.perform(self.state.withLock { $0.channelMade(id: id, channel) })
      return ClientConnectionObserver(id: id, channel: channel, timeout: timeout) { event in
        self.connectionChanged(id: id, event)
      }
    }
    connecting.whenFailure { error in self.connectionChanged(id: id, .closed(error)) }
  }

  private func connectionChanged(id: UInt64, _ event: ClientConnectionObserver.Event) {
    let actions = state.withLock { state -> [ClientTransportState.Action] in
      switch event {
      case .ready(let connection):
        return state.ready(connection)
      case .draining:
        state.draining(id: id)
        return []
      case .closed(let error):
        return state.closed(id: id, error)
      }
    }
    perform(actions)
  }
}
