/// Fired through the channel's pipeline by ``TLSHandler`` when plaintext may flow.
public struct TLSHandshakeCompleted: Sendable {
  /// The protocol that ALPN agreed on.
  public var applicationProtocol: String

  /// The names in the peer's certificate, `nil` if it showed none.
  public var peerCertificate: PeerCertificate?
}
