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
  ///   - makeDelegate: Called on a new connection's event loop for whoever owns it.
  /// - Throws: An ``HTTP2Error`` that names the address, if it is in use for example.
  public static func bind(
    host: String,
    port: Int,
    group: any EventLoopGroup,
    tls: TLSContext?,
    configuration: HTTP2Configuration,
    handshakeTimeout: TimeAmount,
    makeDelegate: @escaping @Sendable (any Channel) -> any HTTP2ConnectionDelegate
  ) async throws(HTTP2Error) -> HTTP2Listener {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 128 << 10, high: 512 << 10))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls {
            try pipeline.addHandler(
              TLSHandler(context: tls, role: .server, handshakeTimeout: handshakeTimeout))
          }
          try pipeline.addHandler(
            HTTP2Handler(
              role: .server, configuration: configuration, waitsForTLS: tls != nil, delegate: makeDelegate(channel)))
        }
      }
    do {
      return HTTP2Listener(channel: try await bootstrap.bind(host: host, port: port).get())
    } catch {
      throw HTTP2Error(code: .cannotListen, message: "cannot listen on \(host):\(port): \(reason(of: error))")
    }
  }
}
