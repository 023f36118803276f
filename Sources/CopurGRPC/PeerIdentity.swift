public import CopurTLS
public import GRPCCore

/// Who is at the other end of a call, as its certificate says; in `ServerContext.transportSpecific`.
///
/// ```swift
/// let identity = context.transportSpecific as? PeerIdentity
/// let names = identity?.certificate?.uris ?? []
/// ```
public struct PeerIdentity: ServerContext.TransportSpecific, Hashable {
  /// The names in the client's certificate, `nil` without TLS or if it showed none.
  public var certificate: PeerCertificate?

  /// Creates an identity.
  ///
  /// - Parameter certificate: The names in the client's certificate.
  public init(certificate: PeerCertificate?) {
    self.certificate = certificate
  }
}
