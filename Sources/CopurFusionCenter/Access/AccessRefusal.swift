public import GRPCCore

/// Why a peer may not do what it asked for.
public enum AccessRefusal: Error, Hashable, Sendable, CustomStringConvertible, RPCErrorConvertible {
  /// The peer has shown no certificate.
  case noCertificate
  /// None of the certificate's URIs names a principal.
  case noPrincipal(uris: [String])
  /// Several of the certificate's URIs name principals, and none of them is better than another.
  case severalPrincipals(uris: [String])
  /// The certificate is none of those that may name this principal.
  case notRegistered(Principal, fingerprint: String)
  /// The endpoint has no row in the table.
  case unknownEndpoint(Endpoint)
  /// The endpoint is not for this role.
  case role(Principal, Endpoint, allowed: Set<Role>)
  /// A message names another agent than the certificate.
  case otherAgent(Principal, named: String)

  /// A short name of the rule, for logs and counters.
  public var reason: String {
    switch self {
    case .noCertificate: "no-certificate"
    case .noPrincipal: "no-principal"
    case .severalPrincipals: "several-principals"
    case .notRegistered: "not-registered"
    case .unknownEndpoint: "unknown-endpoint"
    case .role: "role"
    case .otherAgent: "other-agent"
    }
  }

  public var description: String {
    switch self {
    case .noCertificate: "a peer shows a certificate (actual: none)"
    case .noPrincipal(let uris):
      "a certificate names who has it, spiffe://copur/ROLE/NAME with ROLE one of "
        + "\(Role.allCases.map(\.rawValue).joined(separator: ", ")) (actual: \(uris))"
    case .severalPrincipals(let uris): "a certificate names one principal (actual: \(uris))"
    case .notRegistered(let principal, let fingerprint):
      "a certificate for \(principal) is registered, or comes from an authority that is (fingerprint: \(fingerprint))"
    case .unknownEndpoint(let endpoint): "no role may call \(endpoint)"
    case .role(let principal, let endpoint, let allowed):
      "\(endpoint) is for the roles \(allowed.map(\.rawValue).sorted().joined(separator: ", ")) "
        + "(certificate: \(principal.uri))"
    case .otherAgent(let principal, let named):
      "agent: the certificate's URI must be that of the agent (named: "
        + "\(String(named.prefix(64)).debugDescription), certificate: \(principal.uri))"
    }
  }

  public var rpcErrorCode: RPCError.Code { self == .noCertificate ? .unauthenticated : .permissionDenied }

  public var rpcErrorMessage: String { description }
}
