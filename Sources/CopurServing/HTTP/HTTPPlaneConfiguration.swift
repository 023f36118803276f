public import CopurTLS

/// The address on which the HTTP plane listens, and its limits.
public struct HTTPPlaneConfiguration: Sendable {
  /// The host name or address to listen on.
  public var host: String
  /// The port; 0 for any that is free.
  public var port: Int
  /// Certificates and trust, made for HTTP/1.1; nil for plain text.
  public var tls: TLSContext?
  /// Tokens that clients may show; nil for none.
  public var tokens: BearerTokens?
  /// Whether whoever shows neither a token nor a certificate is let in: for development.
  public var isOpen: Bool
  /// The longest body of a request, in bytes.
  public var maximumBodyBytes: Int
  /// The longest JSON of a request for inference, in bytes; values in another form go behind it. JSON takes 25 times its
  /// length while it is read.
  public var maximumJSONBytes = 4 << 20
  /// The bytes of all bodies that are being received or read; requests beyond are refused.
  public var maximumBodyBytesInAll = 64 << 20
  /// The most connections at a time. Where there are so many, the one that has waited longest without a request gives way
  /// to a new one.
  public var maximumConnections: Int
  /// The most connections from one address: many behind one address (NAT, a proxy) ask in turn, and browsers have six each.
  public var maximumConnectionsPerPeer = 256
  /// The time that a connection may take for its first request's head, the TLS handshake included.
  public var headTimeout = Duration.seconds(10)
  /// The time that a peer may take to take any of what was sent.
  public var writeTimeout = Duration.seconds(30)
  /// The time that a connection may be without a request before it is closed.
  public var idleTimeout: Duration

  /// Plain text and nobody let in, where nothing else is given.
  public init(
    host: String, port: Int, tls: TLSContext? = nil, tokens: BearerTokens? = nil, isOpen: Bool = false,
    maximumBodyBytes: Int = 16 << 20,
    maximumConnections: Int = 1024, idleTimeout: Duration = .seconds(60)
  ) {
    self.host = host
    self.port = port
    self.tls = tls
    self.tokens = tokens
    self.isOpen = isOpen
    self.maximumBodyBytes = maximumBodyBytes
    self.maximumConnections = maximumConnections
    self.idleTimeout = idleTimeout
  }
}
