internal import CopurTLS
internal import NIOCore
internal import Synchronization

/// Who is at the other end of a connection; known once the TLS handshake is done, which is before the first request.
final class ConnectionPeer: Sendable {
  /// The peer of the connection that the current task serves; nil without TLS.
  @TaskLocal static var current: ConnectionPeer?

  private let shown = Mutex<PeerCertificate?>(nil)

  var certificate: PeerCertificate? { shown.withLock { $0 } }

  /// The handshake is done.
  func identified(_ certificate: PeerCertificate?) { shown.withLock { $0 = certificate } }
}

/// Tells a ``ConnectionPeer`` what the handshake has brought.
final class ConnectionPeerHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let peer: ConnectionPeer

  init(_ peer: ConnectionPeer) { self.peer = peer }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let completed = event as? TLSHandshakeCompleted { peer.identified(completed.peerCertificate) }
    context.fireUserInboundEventTriggered(event)
  }
}

@available(*, unavailable)
extension ConnectionPeerHandler: Sendable {}
