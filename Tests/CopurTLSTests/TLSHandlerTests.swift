import CopurTLS
import NIOCore
import NIOEmbedded
import Testing

struct TLSHandlerTests {
  private let certificates = TestCertificates.shared

  /// Collects what comes out of the handler.
  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    var text = ""
    var completed: [TLSHandshakeCompleted] = []
    var errors: [any Error] = []

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { text += String(buffer: unwrapInboundIn(data)) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if let event = event as? TLSHandshakeCompleted { completed.append(event) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { errors.append(error) }
  }

  private struct Side {
    let channel = EmbeddedChannel()
    let collector = Collector()

    init(_ context: TLSContext, _ role: TLSSession.Role) throws {
      let handler = try TLSHandler(context: context, role: role, handshakeTimeout: .seconds(10))
      try channel.pipeline.syncOperations.addHandlers(handler, collector)
    }

    func activate() throws {
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }
  }

  /// Hands ciphertext over until there is none.
  private func exchange(_ client: Side, _ server: Side) throws {
    var isMoving = true
    while isMoving {
      isMoving = false
      for (from, to) in [(client, server), (server, client)] {
        while let bytes = try from.channel.readOutbound(as: ByteBuffer.self) {
          isMoving = true
          // A channel that is closed takes nothing more.
          if to.channel.isActive { try to.channel.writeInbound(bytes) }
        }
      }
    }
  }

  @Test("Both sides learn of the handshake once, and early writes arrive after it")
  func handshake() throws {
    let certificates = try certificates.get()
    let client = try Side(certificates.clientContext(), .client(serverName: "localhost"))
    let server = try Side(certificates.serverContext(), .server)
    try client.activate()
    try server.activate()
    let early = client.channel.writeAndFlush(ByteBuffer(string: "early "))
    try exchange(client, server)
    #expect(client.collector.completed.map(\.applicationProtocol) == ["h2"])
    #expect(server.collector.completed.map(\.peerCertificate?.commonName) == ["time"])
    try early.wait()
    client.channel.write(ByteBuffer(string: "one "), promise: nil)
    client.channel.write(ByteBuffer(string: "two"), promise: nil)
    #expect(try client.channel.readOutbound(as: ByteBuffer.self) == nil, "nothing leaves before a flush")
    client.channel.flush()
    let bytes = try #require(try client.channel.readOutbound(as: ByteBuffer.self))
    #expect(try client.channel.readOutbound(as: ByteBuffer.self) == nil, "a flush is one write")
    try server.channel.writeInbound(bytes)
    #expect(server.collector.text == "early one two")
  }

  @Test("Closing one side closes the other in order")
  func close() throws {
    let certificates = try certificates.get()
    let client = try Side(certificates.clientContext(), .client(serverName: "localhost"))
    let server = try Side(certificates.serverContext(), .server)
    try client.activate()
    try server.activate()
    try exchange(client, server)
    try client.channel.close().wait()
    try exchange(client, server)
    #expect(!server.channel.isActive)
    #expect(server.collector.errors.isEmpty && client.collector.errors.isEmpty)
    #expect(throws: TLSError.self) { try server.channel.writeAndFlush(ByteBuffer(string: "late")).wait() }
  }

  @Test("A handshake that takes too long is given up")
  func timeout() throws {
    let server = try Side(certificates.get().serverContext(), .server)
    try server.activate()
    server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(9_999))
    #expect(server.channel.isActive)
    server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(!server.channel.isActive)
    let error = try #require(server.collector.errors.first as? TLSError)
    #expect(error.code == .handshakeTimedOut)
    #expect(error.message == "the handshake has to be done in 10000 ms")
  }

  @Test("After the handshake the timeout is off")
  func timeoutCancelled() throws {
    let certificates = try certificates.get()
    let client = try Side(certificates.clientContext(), .client(serverName: "localhost"))
    let server = try Side(certificates.serverContext(), .server)
    try client.activate()
    try server.activate()
    try exchange(client, server)
    server.channel.embeddedEventLoop.advanceTime(by: .seconds(100))
    #expect(server.channel.isActive && server.collector.errors.isEmpty)
  }

  @Test("A failure is fired, the peer is told, and both sides are closed")
  func failure() throws {
    let certificates = try certificates.get()
    let client = try Side(certificates.anonymousContext(), .client(serverName: "localhost"))
    let server = try Side(certificates.serverContext(), .server)
    try client.activate()
    try server.activate()
    try exchange(client, server)
    for (side, reason) in [(client, "certificate required"), (server, "peer did not return a certificate")] {
      #expect(!side.channel.isActive)
      let error = try #require(side.collector.errors.first as? TLSError)
      #expect(error.message.contains(reason), "\(error)")
    }
    #expect(server.collector.completed.isEmpty)
  }

  @Test("A connection that ends inside the handshake is an error")
  func endOfHandshake() throws {
    let server = try Side(certificates.get().serverContext(), .server)
    try server.activate()
    server.channel.pipeline.fireChannelInactive()
    let error = try #require(server.collector.errors.first as? TLSError)
    #expect(error.code == .handshakeFailed)
  }
}
