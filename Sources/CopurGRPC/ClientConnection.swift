internal import CopurHTTP2
internal import CopurTLS
internal import GRPCCore
internal import NIOCore

/// A connection to the server over which calls can be made.
final class ClientConnection: Sendable {
  /// The number of the connection among its transport's.
  let id: UInt64

  let channel: any Channel
  let remotePeer: String
  let localPeer: String

  /// Runs its calls.
  let executor: EventLoopExecutor

  /// Each call's is as large as it gets: a client's own program decides how much it sends.
  let budget = OutboundBudget(bytes: .max)

  private let handler: NIOLoopBound<HTTP2Handler>

  init(id: UInt64, channel: any Channel, handler: HTTP2Handler) {
    self.id = id
    self.channel = channel
    self.executor = EventLoopExecutor(channel.eventLoop)
    self.remotePeer = channel.remoteAddress?.peerDescription ?? "unknown"
    self.localPeer = channel.localAddress?.peerDescription ?? "unknown"
    self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
  }

  /// Opens a stream; to be called on the event loop.
  func openStream(_ headers: [HTTP2Header], delegate: any HTTP2StreamDelegate) throws(HTTP2Error) -> HTTP2Stream {
    try handler.value.openStream(headers, delegate: delegate)
  }
}

/// Tells a transport what becomes of a connection.
final class ClientConnectionObserver {
  enum Event: Sendable {
    /// The server has spoken HTTP/2.
    case ready(ClientConnection)
    /// The server takes no new streams.
    case draining
    case closed((any Error)?)
  }

  private let id: UInt64
  private let channel: any Channel
  private let timeout: TimeAmount
  private let report: @Sendable (Event) -> Void
  private var connection: ClientConnection?
  private var deadline: Scheduled<Void>?

  /// Creates an observer.
  ///
  /// - Parameters:
  ///   - id: Which of its transport's connections it is.
  ///   - channel: The connection's channel.
  ///   - timeout: How long the server may take to send its SETTINGS.
  ///   - report: What is told, on the event loop.
  init(id: UInt64, channel: any Channel, timeout: TimeAmount, report: @escaping @Sendable (Event) -> Void) {
    self.id = id
    self.channel = channel
    self.timeout = timeout
    self.report = report
  }
}

extension ClientConnectionObserver: HTTP2ConnectionDelegate {
  func connectionOpened(_ handler: HTTP2Handler, peer: PeerCertificate?) {
    connection = ClientConnection(id: id, channel: channel, handler: handler)
    deadline = channel.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
      let message = "the server has to send SETTINGS in \(self.timeout.nanoseconds / 1_000_000) ms"
      self.channel.pipeline.fireErrorCaught(HTTP2Error(code: .peerViolation, message: message))
    }
  }

  func peerReady() {
    deadline?.cancel()
    if let connection { report(.ready(connection)) }
  }

  func streamOpened(_ stream: HTTP2Stream) {
    // Push is switched off, so that nghttp2 never lets a server open one.
    stream.reset(.refusedStream)
  }

  func peerDraining(_ code: HTTP2ErrorCode) {
    report(.draining)
  }

  func connectionClosed(_ error: (any Error)?) {
    deadline?.cancel()
    report(.closed(error))
  }
}
