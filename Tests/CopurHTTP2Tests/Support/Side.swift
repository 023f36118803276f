import CopurHTTP2
import CopurTLS
import NIOCore
import NIOEmbedded
import Testing

/// A connection's owner that answers each request with its own body.
final class Owner: HTTP2ConnectionDelegate {
  let peer = Peer()
  var handler: HTTP2Handler?
  var isReady = false
  var draining: HTTP2ErrorCode?
  var closures: [(any Error)?] = []

  init() {
    peer.configure = { exchange in
      exchange.onEnd = {
        try $0.stream?.respond([HTTP2Header(":status", "200")], endStream: false)
        $0.send($0.text, end: .data)
      }
    }
  }

  func connectionOpened(_ handler: HTTP2Handler, peer: PeerCertificate?) { self.handler = handler }
  func peerReady() { isReady = true }
  func streamOpened(_ stream: HTTP2Stream) { peer.streamOpened(stream) }
  func peerDraining(_ code: HTTP2ErrorCode) { draining = code }
  func connectionClosed(_ error: (any Error)?) { closures.append(error) }
}

/// A handler in a channel without a socket, whose time passes only when it is told to.
struct Side {
  let channel = EmbeddedChannel()
  let owner = Owner()
  let refusals = HTTP2Refusals()

  init(
    _ role: HTTP2Session.Role,
    waitsForTLS: Bool = false,
    configuration: HTTP2Configuration = HTTP2Configuration()
  ) throws {
    let handler = try HTTP2Handler(
      role: role, configuration: configuration, waitsForTLS: waitsForTLS, eventLoop: channel.embeddedEventLoop,
      refusals: refusals, delegate: owner)
    try channel.pipeline.syncOperations.addHandler(handler)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  }

  /// The rules for which something was refused.
  var broken: [HTTP2Rule] { HTTP2Rule.allCases.filter { refusals.count(of: $0) > 0 } }

  func run() { channel.embeddedEventLoop.run() }

  func wait(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

  func receive(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

  /// The bytes that are sent, all of them.
  func sent() throws -> [UInt8] {
    run()
    var bytes: [UInt8] = []
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
    return bytes
  }

  func open(_ body: String, end: HTTP2Outbound.End? = .data) throws -> Exchange {
    let exchange = Exchange()
    exchange.outbound.append(.chunk(ByteBuffer(string: body), end: end))
    let handler = try #require(owner.handler)
    exchange.stream = try handler.openStream(SessionPair.request, delegate: exchange)
    return exchange
  }

  /// Carries bytes between two sides until neither has anything to say.
  static func exchange(_ client: Side, _ server: Side) throws {
    var isMoving = true
    while isMoving {
      isMoving = false
      for (from, to) in [(client, server), (server, client)] {
        from.run()
        while let bytes = try from.channel.readOutbound(as: ByteBuffer.self) {
          isMoving = true
          if to.channel.isActive { try to.channel.writeInbound(bytes) }
        }
      }
    }
    // A socket's end reaches the other side.
    for (from, to) in [(client, server), (server, client)] where !from.channel.isActive && to.channel.isActive {
      try to.channel.close().wait()
    }
  }
}
