/// Something that a peer can call.
public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// A method of a gRPC service, such as `copur.v1.FusionCenter/Join`.
  case grpc(String)
  /// A verb and a route of the HTTP plane, such as `GET /v2/models/{model}`.
  case http(String)

  public var description: String {
    switch self {
    case .grpc(let method): method
    case .http(let route): route
    }
  }
}
