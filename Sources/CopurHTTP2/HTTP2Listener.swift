public import CopurTLS
public import NIOCore
internal import NIOPosix

/// A listening socket whose connections speak HTTP/2.
public struct HTTP2Listener: Sendable {
  /// The listening channel; closing it stops new connections.
  public let channel: any Channel

  /// Binds a socket and accepts connections.
  ///
  /// - Parameters:
  ///   - host: The host name or address to listen on.
  ///   - port: The port, 0 for any that is free.
  ///   - group: The event loops that serve the connections.
  ///   - tls: Certificates and trust, `nil` for plain text.
  ///   - configuration: The limits of each connection.
  ///   - handshakeTimeout: How long a TLS handshake may take.
  ///   - refusals: Where it is counted what clients are refused.
  ///   - makeDelegate: Called on a new connection's event loop for whoever owns it.
  /// - Throws: An ``HTTP2Error`` that names the address, if it is in use for example, or says what nghttp2 lacks.
  public static func bind(
    host: String,
    port: Int,
    group: any EventLoopGroup,
    tls: TLSContext?,
    configuration: HTTP2Configuration,
    handshakeTimeout: TimeAmount,
    refusals: HTTP2Refusals = HTTP2Refusals(),
    makeDelegate: @escaping @Sendable (any Channel) -> any HTTP2ConnectionDelegate
  ) async throws(HTTP2Error) -> HTTP2Listener {
    _ = try NGHTTP2Library.loaded.get()
    let admission = ConnectionAdmission(configuration)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 128 << 10, high: 512 << 10))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try admit(channel, admission, refusals)
          let pipeline = channel.pipeline.syncOperations
          if let tls {
            let handshake = try beginHandshake(channel, admission, refusals)
            try pipeline.addHandler(
              TLSHandler(context: tls, role: .server, handshakeTimeout: handshakeTimeout))
            try pipeline.addHandler(HandshakeWatcher { admission.handshakeEnded(handshake) })
          }
          try pipeline.addHandler(
            HTTP2Handler(
              role: .server, configuration: configuration, waitsForTLS: tls != nil,
              eventLoop: channel.eventLoop, refusals: refusals, delegate: makeDelegate(channel)))
        }
      }
    do {
      return HTTP2Listener(channel: try await bootstrap.bind(host: host, port: port).get())
    } catch {
      throw HTTP2Error(code: .cannotListen, message: "cannot listen on \(host):\(port): \(reason(of: error))")
    }
  }

  /// Lets a connection begin its TLS handshake; one that has to give way for it is closed.
  ///
  /// - Returns: The handshake's number.
  private static func beginHandshake(
    _ channel: any Channel, _ admission: ConnectionAdmission, _ refusals: HTTP2Refusals
  ) throws(HTTP2Error) -> Int {
    let peer = channel.remoteAddress?.ipAddress ?? "unknown"
    do throws(ConnectionGuard.Violation) {
      let (number, givingWay) = try admission.handshakeBegan(peer: peer, at: channel.eventLoop.now) {
        channel.close(promise: nil)
      }
      if let givingWay {
        refusals.record(
          HTTP2Refusal(
            rule: givingWay.violation.rule, peer: givingWay.peer, endsConnection: true,
            message: givingWay.violation.message))
        givingWay.close()
      }
      channel.closeFuture.whenComplete { _ in admission.handshakeEnded(number) }
      return number
    } catch {
      refusals.record(
        HTTP2Refusal(rule: error.rule, peer: peer, endsConnection: true, message: error.message))
      throw HTTP2Error(error)
    }
  }

  /// Takes a connection in, until it is closed; one that is refused is closed at once.
  private static func admit(
    _ channel: any Channel,
    _ admission: ConnectionAdmission,
    _ refusals: HTTP2Refusals
  ) throws(HTTP2Error) {
    let address = channel.remoteAddress
    let peer = address?.ipAddress ?? "unknown"
    do throws(ConnectionGuard.Violation) {
      try admission.opened(peer: peer)
    } catch {
      refusals.record(
        HTTP2Refusal(
          rule: error.rule, peer: "\(peer):\(address?.port ?? 0)", endsConnection: true, message: error.message))
      throw HTTP2Error(error)
    }
    channel.closeFuture.whenComplete { _ in admission.closed(peer: peer) }
  }
}
