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

struct HTTP2HandlerTests {
  private struct Side {
    let channel = EmbeddedChannel()
    let owner = Owner()

    init(_ role: HTTP2Session.Role, waitsForTLS: Bool = false) throws {
      let handler = try HTTP2Handler(
        role: role, configuration: HTTP2Configuration(), waitsForTLS: waitsForTLS, delegate: owner)
      try channel.pipeline.syncOperations.addHandler(handler)
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    func run() { channel.embeddedEventLoop.run() }
  }

  private func exchange(_ client: Side, _ server: Side) throws {
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
  }

  private func open(_ client: Side, _ body: String, end: HTTP2Outbound.End? = .data) throws -> Exchange {
    let exchange = Exchange()
    exchange.outbound.append(.chunk(ByteBuffer(string: body), end: end))
    let handler = try #require(client.owner.handler)
    exchange.stream = try handler.openStream(SessionPair.request, delegate: exchange)
    return exchange
  }

  @Test("Many requests leave in one write and are answered")
  func coalescing() throws {
    let client = try Side(.client)
    let server = try Side(.server)
    try exchange(client, server)
    #expect(client.owner.isReady && server.owner.isReady)
    let calls = try (0..<10).map { try open(client, "call \($0)") }
    client.run()
    let bytes = try #require(try client.channel.readOutbound(as: ByteBuffer.self))
    #expect(try client.channel.readOutbound(as: ByteBuffer.self) == nil)
    try server.channel.writeInbound(bytes)
    try exchange(client, server)
    #expect(calls.map(\.text) == (0..<10).map { "call \($0)" })
  }

  @Test("Behind TLS nothing is sent before the handshake is done")
  func waitsForTLS() throws {
    let client = try Side(.client, waitsForTLS: true)
    client.run()
    #expect(try client.channel.readOutbound(as: ByteBuffer.self) == nil)
    #expect(client.owner.handler == nil)
  }

  @Test("A server that is told to quiesce closes when its streams have ended, and a client sees it coming")
  func quiesce() throws {
    let client = try Side(.client)
    let server = try Side(.server)
    try exchange(client, server)
    let call = try open(client, "last ", end: nil)
    try exchange(client, server)
    server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    try exchange(client, server)
    #expect(client.owner.draining == .noError)
    #expect(server.channel.isActive && client.channel.isActive)
    #expect(throws: HTTP2Error.self) { try open(client, "more") }
    call.send("word", end: .data)
    try exchange(client, server)
    #expect(call.text == "last word")
    #expect(!server.channel.isActive)
    #expect(!client.channel.isActive)
    #expect(server.owner.closures.count == 1 && server.owner.closures.allSatisfy { $0 == nil })
  }

  @Test("An idle server that is told to quiesce closes at once")
  func quiesceIdle() throws {
    let client = try Side(.client)
    let server = try Side(.server)
    try exchange(client, server)
    server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    try exchange(client, server)
    #expect(!server.channel.isActive)
  }

  @Test("A peer that breaks the protocol is told and closed, and its streams end with the reason")
  func violation() throws {
    let client = try Side(.client)
    let server = try Side(.server)
    try exchange(client, server)
    _ = try open(client, "a", end: nil)
    try exchange(client, server)
    // DATA on stream 0 (RFC 9113 section 6.1).
    try server.channel.writeInbound(ByteBuffer(bytes: Frame.make(type: 0, flags: 0, stream: 0, [1])))
    server.run()
    try exchange(client, server)
    #expect(!server.channel.isActive)
    #expect(client.owner.draining == .protocolError)
    #expect(server.owner.peer.exchanges.first?.error is HTTP2Error)
    let error = try #require(server.owner.closures.first as? HTTP2Error)
    #expect(error.code == .peerViolation)
    #expect(error.message == "the peer broke the rules of HTTP/2: PROTOCOL_ERROR: DATA: stream_id == 0")
  }

  @Test("A client that does not speak HTTP/2 is closed")
  func notHTTP2() throws {
    let server = try Side(.server)
    try server.channel.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
    server.run()
    #expect(!server.channel.isActive)
    #expect(server.owner.closures.first.map { $0 is HTTP2Error } == true)
  }

  @Test("A closed connection takes no streams")
  func closed() throws {
    let client = try Side(.client)
    let server = try Side(.server)
    try exchange(client, server)
    let call = try open(client, "a", end: nil)
    try client.channel.close().wait()
    #expect(call.error is HTTP2Error)
    #expect(client.owner.closures.count == 1)
    #expect(throws: HTTP2Error.self) { try open(client, "b") }
  }
}
