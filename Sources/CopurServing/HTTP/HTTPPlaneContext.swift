public import CopurTLS
public import Hummingbird

/// What routes know of a request besides the request.
public struct HTTPPlaneContext: RequestContext {
  public var coreContext: CoreRequestContextStorage
  /// The names in the client's certificate; nil without TLS or if it showed none.
  public let certificate: PeerCertificate?

  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    certificate = ConnectionPeer.current?.certificate
  }
}
