public import GRPCCore

/// How the service learns who is at the other end of a call.
public struct PeerIdentification: Sendable {
  /// The URI SANs of the peer's certificate; nil as a whole if names are taken on trust.
  private let uris: (@Sendable (ServerContext) -> [String]?)?

  /// Names are taken on trust: for a transport inside the process, and for development without TLS.
  public static let none = PeerIdentification(uris: nil)

  /// Peers have certificates.
  ///
  /// - Parameter uris: The SAN URIs of a call's peer certificate; nil if it has shown none.
  public static func certificates(_ uris: @escaping @Sendable (ServerContext) -> [String]?) -> PeerIdentification {
    PeerIdentification(uris: uris)
  }

  /// Checks that a call's peer is an agent.
  ///
  /// - Throws: `RPCError`: UNAUTHENTICATED without a certificate, PERMISSION_DENIED if the certificate does not have
  ///   the agent's URI.
  func check(agent name: String, in context: ServerContext) throws {
    guard let uris else { return }
    guard let shown = uris(context) else {
      throw RPCError(code: .unauthenticated, message: "an agent shows a certificate (actual: none)")
    }
    let needed = "spiffe://copur/agent/\(name)"
    guard shown.contains(needed) else {
      throw RPCError(
        code: .permissionDenied,
        message: "agent: the certificate's URI must be that of the agent (named: "
          + "\(String(name.prefix(64)).debugDescription), certificate: \(shown))")
    }
  }
}
