public import CopurTLS
public import NIOCore
internal import NIOPosix

/// Makes connections that speak HTTP/2.
public struct HTTP2Connector: Sendable {
  private let host: String
  private let port: Int
  private let tls: TLSContext?
  private let serverName: String
  private let configuration: HTTP2Configuration
  private let handshakeTimeout: TimeAmount
  private let connectTimeout: TimeAmount

  /// Describes where to connect to.
  ///
  /// - Parameters:
  ///   - host: The server's host name or address.
  ///   - port: The server's port.
  ///   - tls: Certificates and trust, `nil` for plain text.
  ///   - serverName: The name that the server's certificate has to have.
  ///   - configuration: The connection's limits.
  ///   - connectTimeout: How long connecting may take.
  ///   - handshakeTimeout: How long the TLS handshake may take after that.
  public init(
    host: String,
    port: Int,
    tls: TLSContext?,
    serverName: String,
    configuration: HTTP2Configuration,
    connectTimeout: TimeAmount,
    handshakeTimeout: TimeAmount
  ) {
    self.host = host
    self.port = port
    self.tls = tls
    self.serverName = serverName
    self.configuration = configuration
    self.connectTimeout = connectTimeout
    self.handshakeTimeout = handshakeTimeout
  }

  /// Connects. The delegate is told when TLS is up and when the connection is closed.
  ///
  /// - Parameters:
  ///   - group: The event loops; one of them serves the connection.
  ///   - makeDelegate: Called on the connection's event loop for whoever owns it.
  /// - Returns: The channel, or an ``HTTP2Error`` that names the address.
  public func connect(
    on group: any EventLoopGroup,
    makeDelegate: @escaping @Sendable (any Channel) -> any HTTP2ConnectionDelegate
  ) -> EventLoopFuture<any Channel> {
    let bootstrap = ClientBootstrap(group: group)
      .connectTimeout(connectTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.writeBufferWaterMark, value: .init(low: 128 << 10, high: 512 << 10))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls {
            try pipeline.addHandler(
              TLSHandler(context: tls, role: .client(serverName: serverName), handshakeTimeout: handshakeTimeout))
          }
          try pipeline.addHandler(
            HTTP2Handler(
              role: .client, configuration: configuration, waitsForTLS: tls != nil,
              eventLoop: channel.eventLoop, delegate: makeDelegate(channel)))
        }
      }
    return bootstrap.connect(host: host, port: port).flatMapErrorThrowing { error in
      throw HTTP2Error(code: .cannotConnect, message: "cannot connect to \(host):\(port): \(reason(of: error))")
    }
  }
}
