internal import CopurHTTP2
internal import CopurTLS
internal import GRPCCore
internal import NIOCore

/// A client's connection: makes a ``ServerCall`` of each stream that it opens.
final class ServerConnection {
  /// What the calls of a connection have in common.
  struct Context: Sendable {
    var channel: any Channel

    /// Runs the handlers of its calls.
    var executor: EventLoopExecutor
    var configuration: HTTP2TransportConfiguration
    var methods: [RequestHead.Path: MethodDescriptor]
    var remotePeer: String
    var localPeer: String
    var accept: @Sendable (AcceptedCall) -> Void
  }

  private let context: Context
  private var peer: PeerCertificate?

  init(_ context: Context) {
    self.context = context
  }
}

extension ServerConnection: HTTP2ConnectionDelegate {
  func connectionOpened(_ handler: HTTP2Handler, peer: PeerCertificate?) {
    self.peer = peer
  }

  func peerReady() {}

  func streamOpened(_ stream: HTTP2Stream) {
    stream.delegate = ServerCall(stream, context: context, peer: peer)
  }

  func peerDraining(_ code: HTTP2ErrorCode) {}

  func connectionClosed(_ error: (any Error)?) {}
}

extension SocketAddress {
  /// The address as gRPC's libraries write it, such as `ipv4:127.0.0.1:8001`.
  var peerDescription: String {
    switch self {
    case .v4: "ipv4:\(ipAddress ?? ""):\(port ?? 0)"
    case .v6: "ipv6:[\(ipAddress ?? "")]:\(port ?? 0)"
    case .unixDomainSocket: "unix:\(pathname ?? "")"
    }
  }
}
