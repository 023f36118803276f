public import GRPCCore

/// The way in which the service learns who is at the other end of a call.
public struct PeerIdentification: Sendable {
  /// The credentials in the peer's certificate; nil as a whole if peers are believed.
  private let credentials: (@Sendable (ServerContext) -> PeerCredentials?)?
  private let trustDomain: String

  /// Peers are believed what they say they are: for a transport inside the process, and for development without TLS.
  public static let none = PeerIdentification(credentials: nil, trustDomain: Principal.defaultTrustDomain)

  /// Peers have certificates.
  ///
  /// - Parameters:
  ///   - trustDomain: Of the URIs that name principals; others say nothing.
  ///   - credentials: What the certificate of a call's peer says; nil if it has shown none.
  public static func certificates(
    trustDomain: String = Principal.defaultTrustDomain,
    _ credentials: @escaping @Sendable (ServerContext) -> PeerCredentials?
  ) -> PeerIdentification {
    PeerIdentification(credentials: credentials, trustDomain: trustDomain)
  }

  /// Whether peers are believed what they say they are.
  public var isNone: Bool { credentials == nil }

  /// Who is at the other end of a call; nil if peers are believed.
  ///
  /// - Throws: ``AccessRefusal`` if the peer has no certificate, its certificate names no principal or several, or it is not
  ///   registered for the one that it names.
  func principal(in context: ServerContext, registrations: Registrations?) throws(AccessRefusal) -> Principal? {
    guard let credentials else { return nil }
    return try principal(credentials(context), registrations: registrations)
  }

  /// The principal of a certificate.
  ///
  /// - Parameter credentials: What it says; nil without a certificate.
  func principal(
    _ credentials: PeerCredentials?, registrations: Registrations?
  ) throws(AccessRefusal) -> Principal {
    guard let credentials else { throw .noCertificate }
    let uris = credentials.uris
    let principals = uris.compactMap { Principal(uri: $0, trustDomain: trustDomain) }
    guard let principal = principals.first else { throw .noPrincipal(uris: uris) }
    guard principals.count == 1 else { throw .severalPrincipals(uris: uris) }
    guard registrations?.admit(principal, fingerprints: credentials.fingerprints) ?? true else {
      throw .notRegistered(principal, fingerprint: credentials.fingerprints.first ?? "not known")
    }
    return principal
  }
}
