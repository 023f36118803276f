public import CopurTLS
public import Hummingbird
internal import NIOCore

/// The facts that routes know of a request besides the request itself.
public struct HTTPPlaneContext: RequestContext {
  public var coreContext: CoreRequestContextStorage
  /// The names in the client's certificate; nil without TLS or if it showed none.
  public let certificate: PeerCertificate?
  /// The address of the other end.
  public let peer: String
  /// The same without its port.
  let address: String
  /// Closes the connection.
  let close: @Sendable () -> Void

  /// The route as it was declared, such as `/v2/models/{model}`; nil if there is none for the request.
  var route: String? {
    // Hummingbird names the lack of a route, too.
    endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil }
  }

  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    let channel = source.channel
    close = { channel.close(promise: nil) }
    address = channel.remoteAddress?.ipAddress ?? ""
    peer = source.channel.remoteAddress.map { "\($0)" } ?? "unknown"
    certificate = ConnectionPeer.current?.certificate
  }
}
