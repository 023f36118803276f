public import CopurHTTP2

/// The limits of a transport.
public struct HTTP2TransportConfiguration: Sendable {
  /// The limits of each connection.
  public var http2 = HTTP2Configuration()

  /// The longest received message, in bytes.
  public var maximumMessageBytes = 4 << 20

  /// The bytes of messages that have begun and not ended that are kept of a principal, over all of its connections; at least
  /// two messages' worth counts. Most messages come whole: this is for the longest, eight at a time.
  public var maximumIncompleteBytes = 32 << 20

  /// The bytes that are kept of all clients, and of an address whose clients show no certificates.
  public var maximumIncompleteBytesInAll = 256 << 20

  /// The time that a TLS handshake may take.
  public var handshakeTimeout = Duration.seconds(10)

  /// The time that a client may take to connect, before the handshake.
  public var connectTimeout = Duration.seconds(20)

  /// Creates the default configuration.
  public init() {}
}
