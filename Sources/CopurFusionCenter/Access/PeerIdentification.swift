public import GRPCCore

/// How the service learns who is at the other end of a call.
public struct PeerIdentification: Sendable {
  /// The URI SANs of the peer's certificate; nil as a whole if peers are believed.
  private let uris: (@Sendable (ServerContext) -> [String]?)?

  /// Peers are believed what they say they are: for a transport inside the process, and for development without TLS.
  public static let none = PeerIdentification(uris: nil)

  /// Peers have certificates.
  ///
  /// - Parameter uris: The SAN URIs of a call's peer certificate; nil if it has shown none.
  public static func certificates(_ uris: @escaping @Sendable (ServerContext) -> [String]?) -> PeerIdentification {
    PeerIdentification(uris: uris)
  }

  /// Whether peers are believed what they say they are.
  public var isNone: Bool { uris == nil }

  /// Who is at the other end of a call; nil if peers are believed.
  ///
  /// - Throws: ``AccessRefusal`` if the peer has no certificate, or its certificate names no principal or several.
  func principal(in context: ServerContext) throws(AccessRefusal) -> Principal? {
    guard let uris else { return nil }
    return try Self.principal(uris(context))
  }

  /// The principal of a certificate.
  ///
  /// - Parameter uris: Its SAN URIs; nil without a certificate.
  static func principal(_ uris: [String]?) throws(AccessRefusal) -> Principal {
    guard let uris else { throw .noCertificate }
    let principals = uris.compactMap { Principal(uri: $0) }
    guard let principal = principals.first else { throw .noPrincipal(uris: uris) }
    guard principals.count == 1 else { throw .severalPrincipals(uris: uris) }
    return principal
  }
}
