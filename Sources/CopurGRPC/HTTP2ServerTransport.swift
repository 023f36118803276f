public import CopurHTTP2
public import CopurTLS
public import GRPCCore
public import NIOCore
public import NIOPosix
internal import Synchronization

/// gRPC's server transport over HTTP/2, with or without TLS.
///
/// ```swift
/// let transport = try HTTP2ServerTransport(host: "127.0.0.1", port: 8001, tls: context)
/// try await GRPCServer(transport: transport, services: [service]).serve()
/// ```
public final class HTTP2ServerTransport: ServerTransport {
  public typealias Bytes = [UInt8]

  /// The number of clients that have been refused, by rule.
  public let refusals: HTTP2Refusals

  private let host: String
  private let port: Int
  private let tls: TLSContext?
  private let configuration: HTTP2TransportConfiguration
  private let eventLoopGroup: any EventLoopGroup
  private let handshakeFailed: @Sendable (_ peer: String, _ error: TLSError) -> Void
  private let state = Mutex(ServerTransportState())
  private let methods = Mutex<[RequestHead.Path: MethodDescriptor]>([:])

  /// Describes a server; nothing listens before ``listen(streamHandler:)``.
  ///
  /// - Parameters:
  ///   - host: The host name or address to listen on.
  ///   - port: The port, 0 for any that is free.
  ///   - tls: Certificates and trust, `nil` for plain text (HTTP/2 with prior knowledge).
  ///   - configuration: The limits.
  ///   - refusals: Counts what clients are refused.
  ///   - eventLoopGroup: The event loops that serve the connections.
  ///   - handshakeFailed: Called where a client is turned away before it has said anything.
  /// - Throws: An `RPCError` if the port is out of range.
  public init(
    host: String,
    port: Int,
    tls: TLSContext?,
    configuration: HTTP2TransportConfiguration = HTTP2TransportConfiguration(),
    refusals: HTTP2Refusals = HTTP2Refusals(),
    eventLoopGroup: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup,
    handshakeFailed: @escaping @Sendable (_ peer: String, _ error: TLSError) -> Void = { _, _ in }
  ) throws {
    guard (0...65_535).contains(port) else {
      throw RPCError(code: .invalidArgument, message: "a port has to be 0 to 65535 (actual: \(port))")
    }
    self.host = host
    self.port = port
    self.tls = tls
    self.configuration = configuration
    self.refusals = refusals
    self.eventLoopGroup = eventLoopGroup
    self.handshakeFailed = handshakeFailed
  }

  /// The address on which the server listens; waits until it does.
  ///
  /// - Throws: What ``listen(streamHandler:)`` threw, or an `RPCError` if the server has stopped.
  public var listeningAddress: ListeningAddress {
    get async throws {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { $0.addressWanted(continuation) }
        if let result { continuation.resume(with: result) }
      }
    }
  }

  public func configure(context: GRPCServerContext) {
    methods.withLock { methods in
      for method in context.methods {
        methods[.init(service: method.service.fullyQualifiedService, method: method.method)] = method
      }
    }
  }

  /// Listens until ``beginGracefulShutdown()`` is called and all calls have ended, or the task is cancelled.
  ///
  /// - Parameter streamHandler: Handles a call.
  /// - Throws: An error that names the address if it is in use, for example.
  public func listen(
    streamHandler: @escaping @Sendable (RPCStream<Inbound, Outbound>, ServerContext) async -> Void
  ) async throws {
    let (calls, accepted) = AsyncStream.makeStream(of: AcceptedCall.self)
    guard try state.withLock({ try $0.listenCalled(accepted) }) else { return }
    do {
      let listener = try await bind(accepted)
      perform(state.withLock { $0.listening(listener.channel) })
    } catch {
      for waiter in state.withLock({ $0.listeningFailed(error) }) { waiter.resume(throwing: error) }
      throw error
    }

    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { group in
        for await call in calls {
          group.addTask(executorPreference: call.executor) { await self.run(call, streamHandler) }
        }
        // The stream also ends when the task is cancelled: then the handlers are, too.
        if Task.isCancelled { group.cancelAll() }
      }
    } onCancel: {
      perform(state.withLock { $0.cancelled() })
    }
  }

  public func beginGracefulShutdown() {
    perform(state.withLock { $0.shutdownBegan() })
  }

  private func bind(_ accepted: AsyncStream<AcceptedCall>.Continuation) async throws -> HTTP2Listener {
    let methods = methods.withLock { $0 }
    let configuration = configuration
    let least = 2 * configuration.maximumMessageBytes
    let all = max(configuration.maximumIncompleteBytesInAll, least)
    let incomplete = IncompleteMessages(
      limits: .init(principal: max(configuration.maximumIncompleteBytes, least), address: all, total: all))
    return try await HTTP2Listener.bind(
      host: host,
      port: port,
      group: eventLoopGroup,
      tls: tls,
      configuration: configuration.http2,
      handshakeTimeout: TimeAmount(configuration.handshakeTimeout),
      refusals: refusals
    ) { channel in
      self.track(channel)
      return ServerConnection(
        ServerConnection.Context(
          channel: channel,
          executor: EventLoopExecutor(channel.eventLoop),
          configuration: configuration,
          methods: methods,
          remotePeer: channel.remoteAddress?.peerDescription ?? "unknown",
          localPeer: channel.localAddress?.peerDescription ?? "unknown",
          accept: { call in self.accept(call, accepted) },
          incomplete: incomplete,
          handshakeFailed: self.handshakeFailed))
    }
  }

  private func track(_ channel: any Channel) {
    perform(state.withLock { $0.connectionOpened(channel) })
    channel.closeFuture.whenComplete { _ in self.perform(self.state.withLock { $0.connectionClosed(channel) }) }
  }

  private func accept(_ call: AcceptedCall, _ accepted: AsyncStream<AcceptedCall>.Continuation) {
    // Refused only after cancellation, when the connections are being closed.
    if case .terminated = accepted.yield(call) { call.abort() }
  }

  private func perform(_ actions: [ServerTransportState.Action]) {
    for action in actions {
      switch action {
      case .quiesce(let channel):
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
      case .close(let channel):
        channel.close(promise: nil)
      case .report(let waiters, let address):
        for waiter in waiters { waiter.resume(with: address) }
      case .cancelCalls(let calls):
        for call in calls { call.cancel() }
      case .finish(let accepted):
        accepted.finish()
      }
    }
  }

  private func run(
    _ call: AcceptedCall,
    _ streamHandler: @Sendable (RPCStream<Inbound, Outbound>, ServerContext) async -> Void
  ) async {
    await withServerContextRPCCancellationHandle { handle in
      call.cancellation.attach(handle)
      let id = ObjectIdentifier(call.cancellation)
      // A handler learns of a shutdown by its handle, and may finish what it does.
      if state.withLock({ $0.callBegan(id, call.cancellation) }) { handle.cancel() }
      defer {
        state.withLock { $0.callEnded(id) }
        if call.cancellation.workEnded() { call.abandonedWorkEnded() }
      }
      var context = ServerContext(
        descriptor: call.descriptor, remotePeer: call.remotePeer, localPeer: call.localPeer, cancellation: handle)
      context.transportSpecific = call.identity
      let stream = RPCStream(
        descriptor: call.descriptor,
        inbound: RPCAsyncSequence(wrapping: call.inbound),
        outbound: RPCWriter.Closable(wrapping: ServerWriter(call: call)))
      await DirectMessages.$current.withValue(call.direct) { await streamHandler(stream, context) }
    }
  }
}
