import CopurHTTP2
import NIOCore
import NIOEmbedded
import Testing

struct HTTP2HandlerTests {
  @Test("Many requests leave in one write and are answered")
  func coalescing() throws {
    let client = try Side(.client)
    let server = try Side(.server)
    try Side.exchange(client, server)
    #expect(client.owner.isReady && server.owner.isReady)
    let calls = try (0..<10).map { try client.open("call \($0)") }
    client.run()
    let bytes = try #require(try client.channel.readOutbound(as: ByteBuffer.self))
    #expect(try client.channel.readOutbound(as: ByteBuffer.self) == nil)
    try server.channel.writeInbound(bytes)
    try Side.exchange(client, server)
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
    try Side.exchange(client, server)
    let call = try client.open("last ", end: nil)
    try Side.exchange(client, server)
    server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    try Side.exchange(client, server)
    #expect(client.owner.draining == .noError)
    #expect(server.channel.isActive && client.channel.isActive)
    #expect(throws: HTTP2Error.self) { try client.open("more") }
    call.send("word", end: .data)
    try Side.exchange(client, server)
    #expect(call.text == "last word")
    #expect(!server.channel.isActive)
    #expect(!client.channel.isActive)
    #expect(server.owner.closures.count == 1 && server.owner.closures.allSatisfy { $0 == nil })
  }

  @Test("An idle server that is told to quiesce is left by its client")
  func quiesceIdle() throws {
    let client = try Side(.client)
    let server = try Side(.server)
    try Side.exchange(client, server)
    server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    try Side.exchange(client, server)
    #expect(!server.channel.isActive)
  }

  @Test("A peer that breaks the protocol is told and closed, and its streams end with the reason")
  func violation() throws {
    let client = try Side(.client)
    let server = try Side(.server)
    try Side.exchange(client, server)
    _ = try client.open("a", end: nil)
    try Side.exchange(client, server)
    // DATA on stream 0 (RFC 9113 section 6.1).
    try server.channel.writeInbound(ByteBuffer(bytes: Frame.make(type: 0, flags: 0, stream: 0, [1])))
    server.run()
    try Side.exchange(client, server)
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
    try Side.exchange(client, server)
    let call = try client.open("a", end: nil)
    try client.channel.close().wait()
    #expect(call.error is HTTP2Error)
    #expect(client.owner.closures.count == 1)
    #expect(throws: HTTP2Error.self) { try client.open("b") }
  }
}
