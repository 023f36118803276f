internal import CopurHTTP2
internal import CopurTLS
internal import GRPCCore
internal import NIOCore

/// A client's connection: makes a ``ServerCall`` of each stream that it opens.
final class ServerConnection {
  /// The context that the calls of a connection have in common.
  struct Context: Sendable {
    var channel: any Channel

    /// Runs the handlers of its calls.
    var executor: EventLoopExecutor
    var configuration: HTTP2TransportConfiguration
    var methods: [RequestHead.Path: MethodDescriptor]
    var remotePeer: String
    var localPeer: String
    var accept: @Sendable (AcceptedCall) -> Void
    /// Counts what clients have begun to send and not ended.
    var incomplete: IncompleteMessages
    var handshakeFailed: @Sendable (_ peer: String, _ error: TLSError) -> Void
  }

  /// The bytes of responses that may wait for a client that does not read them.
  let budget: OutboundBudget
  private let context: Context
  private var peer: PeerCertificate?
  /// The traffic of the connection, once it is open.
  private(set) var traffic: HTTP2Traffic?
  private var slots: WorkSlots

  init(_ context: Context) {
    self.context = context
    budget = OutboundBudget(bytes: context.configuration.http2.maximumQueuedBytes)
    slots = WorkSlots(maximum: context.configuration.http2.maximumConcurrentStreams)
  }

  /// The peer that the connection is counted for: the certificate's first URI, or else the address.
  private(set) lazy var principal: IncompleteMessages.Peer =
    peer?.uris.first.map { .principal($0) }
    ?? .address(context.channel.remoteAddress?.ipAddress ?? context.remotePeer)

  /// Bytes of messages that have not ended came, or went with the messages' end.
  ///
  /// - Returns: Whether there was room for them.
  func incomplete(changedBy difference: Int) -> Bool { context.incomplete.changed(by: difference, of: principal) }

  /// A stream that was taken in is closed.
  func streamClosed(workGoesOn: Bool) {
    slots.streamClosed(workGoesOn: workGoesOn)
    budget.callEnded()
  }

  /// The handler of a stream that was closed before it has ended.
  func abandonedWorkEnded() { slots.abandonedWorkEnded() }
}

extension ServerConnection: HTTP2ConnectionDelegate {
  func connectionOpened(_ handler: HTTP2Handler, peer: PeerCertificate?) {
    self.peer = peer
    traffic = handler.traffic
  }

  func peerReady() {}

  func streamOpened(_ stream: HTTP2Stream) {
    guard slots.streamOpened() else { return stream.refuse(.unfinishedWork) }
    budget.callBegan()
    stream.delegate = ServerCall(stream, connection: self, context: context, peer: peer)
  }

  func peerDraining(_ code: HTTP2ErrorCode) {}

  func connectionClosed(_ error: (any Error)?) {
    guard let error = error as? TLSError else { return }
    switch error.code {
    case .handshakeFailed, .noApplicationProtocol, .malformedPeerCertificate:
      context.handshakeFailed(context.remotePeer, error)
    // A peer that leaves during the handshake, or never begins it, has not failed one: nothing to report.
    default: break
    }
  }
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
