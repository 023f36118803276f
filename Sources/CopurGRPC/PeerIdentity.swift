public import CopurHTTP2
public import CopurTLS
public import GRPCCore

/// Who is at the other end of a call, as its certificate says, and what its connection carries; in
/// `ServerContext.transportSpecific`.
///
/// ```swift
/// let identity = context.transportSpecific as? PeerIdentity
/// let names = identity?.certificate?.uris ?? []
/// ```
public struct PeerIdentity: ServerContext.TransportSpecific, Hashable {
  /// The names in the client's certificate, `nil` without TLS or if it showed none.
  public var certificate: PeerCertificate?

  /// The bytes of the call's connection, which other calls may share.
  public var traffic: HTTP2Traffic?

  /// Creates an identity.
  ///
  /// - Parameters:
  ///   - certificate: The names in the client's certificate.
  ///   - traffic: The bytes of the call's connection.
  public init(certificate: PeerCertificate?, traffic: HTTP2Traffic? = nil) {
    self.certificate = certificate
    self.traffic = traffic
  }
}
