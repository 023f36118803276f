import CopurHTTP2
import NIOCore
import Testing

struct HTTP2SessionTests {
  private let ok = [HTTP2Header(":status", "200")]

  @Test("A request is answered with headers, data and trailers, however the bytes are cut", arguments: [1, 7, 4096])
  func requestAndResponse(_ slice: Int) throws {
    let pair = try SessionPair()
    pair.serverPeer.configure = { exchange in
      exchange.onEnd = {
        try $0.stream?.respond([HTTP2Header(":status", "200"), HTTP2Header("a", "b")], endStream: false)
        $0.send("hello", end: .trailers([HTTP2Header("grpc-status", "0")]))
      }
    }
    let call = try pair.open("body")
    try pair.exchange(slice: slice)
    let served = try #require(pair.serverPeer.exchanges.first)
    #expect(served.blocks == [SessionPair.request])
    #expect(served.text == "body")
    #expect(call.blocks == [ok + [HTTP2Header("a", "b")], [HTTP2Header("grpc-status", "0")]])
    #expect(call.text == "hello")
    #expect(call.hasEnded)
    #expect(call.closedWith == .noError)
    #expect(served.closedWith == .noError)
    #expect(pair.clientPeer.settingsCount == 1)
    #expect(pair.serverPeer.settingsCount == 1)
  }

  @Test("A response may be headers alone")
  func headersOnly() throws {
    let pair = try SessionPair()
    pair.serverPeer.configure = { $0.onEnd = { try $0.stream?.respond(self.ok, endStream: true) } }
    let call = try pair.open()
    try pair.exchange()
    #expect(call.blocks == [ok])
    #expect(call.hasEnded)
    #expect(call.body == [])
  }

  @Test("Data that is given later is sent when the stream is resumed")
  func deferredData() throws {
    let pair = try SessionPair()
    let call = try pair.open("one ", end: nil)
    try pair.exchange()
    let served = try #require(pair.serverPeer.exchanges.first)
    #expect(served.text == "one ")
    call.send("two ")
    call.send("three", end: .data)
    try pair.exchange()
    #expect(served.text == "one two three")
    #expect(served.hasEnded)
  }

  @Test("The last data and the end share a frame")
  func endWithData() throws {
    let pair = try SessionPair()
    try pair.exchange()
    _ = try pair.open("abc")
    let output = Array(try #require(try pair.client.takeOutput()).readableBytesView)
    // RFC 9113 section 4.1: length 3, type DATA (0), flag END_STREAM (1), stream 1.
    let frame: [UInt8] = [0, 0, 3, 0, 1, 0, 0, 0, 1] + Array("abc".utf8)
    #expect(Array(output.suffix(frame.count)) == frame)
  }

  @Test("A body larger than the windows waits for the reader")
  func flowControl() throws {
    var configuration = HTTP2Configuration()
    configuration.streamWindow = 100_000
    configuration.connectionWindow = 1_000_000
    let pair = try SessionPair(server: configuration)
    try pair.exchange()
    pair.serverPeer.configure = { $0.consumes = false }
    let call = try pair.open(String(repeating: "x", count: 250_000))
    try pair.exchange()
    let served = try #require(pair.serverPeer.exchanges.first)
    #expect(served.body.count == 100_000)
    #expect(call.stream?.hasUnsentData == true)

    // A stream that stalls takes nothing from the others.
    let other = try pair.open("other")
    try pair.exchange()
    #expect(pair.serverPeer.exchanges.last?.text == "other")
    #expect(other.stream?.hasUnsentData == false)

    // Credit for less than half of the window is kept back, for half of it given.
    served.stream?.consume(10_000)
    try pair.exchange()
    #expect(served.body.count == 100_000)
    served.stream?.consume(40_000)
    try pair.exchange()
    #expect(served.body.count == 150_000)
    served.stream?.consume(100_000)
    try pair.exchange()
    #expect(served.body.count == 250_000)
    #expect(served.hasEnded)
  }

  @Test("A large body passes when it is consumed as it comes", arguments: [10 << 20])
  func largeBody(_ count: Int) throws {
    let pair = try SessionPair()
    _ = try pair.open(String(repeating: "x", count: count))
    try pair.exchange()
    let served = try #require(pair.serverPeer.exchanges.first)
    #expect(served.body.count == count)
    #expect(served.hasEnded)
  }

  @Test("Output is made in the portions that were asked for")
  func portions() throws {
    let pair = try SessionPair()
    try pair.exchange()
    _ = try pair.open(String(repeating: "x", count: 500_000))
    var sizes: [Int] = []
    while let output = try pair.client.takeOutput(limit: 50_000) {
      sizes.append(output.readableBytes)
      try pair.server.receive(output)
    }
    // One frame may go beyond the limit: 16 KiB and its header.
    #expect(sizes.max().map { $0 < 50_000 + 16_384 + 9 } == true)
    #expect(pair.serverPeer.exchanges.first?.body.count == 500_000)
  }

  @Test("A reset reaches the other side with its code", arguments: [HTTP2ErrorCode.cancel, .internalError])
  func reset(_ code: HTTP2ErrorCode) throws {
    let pair = try SessionPair()
    let call = try pair.open("a", end: nil)
    try pair.exchange()
    let served = try #require(pair.serverPeer.exchanges.first)
    call.stream?.reset(code)
    try pair.exchange()
    #expect(call.closedWith == code)
    #expect(served.closedWith == code)
    #expect(served.error == nil)

    let second = try pair.open("b", end: nil)
    try pair.exchange()
    pair.serverPeer.exchanges.last?.stream?.reset(code)
    try pair.exchange()
    #expect(second.closedWith == code)
  }

  @Test("A response before the end of the request tells the client to stop")
  func earlyResponse() throws {
    let pair = try SessionPair()
    let call = try pair.open("a", end: nil)
    try pair.exchange()
    try pair.serverPeer.exchanges.first?.stream?.respond(ok, endStream: true)
    try pair.exchange()
    #expect(call.blocks == [ok])
    #expect(call.hasEnded)
    #expect(call.closedWith == .noError)
    #expect(pair.serverPeer.exchanges.first?.closedWith == .noError)
  }

  @Test("A client that may end its request in peace is told to stop only if it goes on and on")
  func toleratedRequest() throws {
    let pair = try SessionPair()
    let short = try pair.open("a", end: nil)
    let long = try pair.open("a", end: nil)
    try pair.exchange()
    for exchange in pair.serverPeer.exchanges {
      exchange.stream?.toleratesLateRequest = true
      try exchange.stream?.respond(ok, endStream: true)
    }
    try pair.exchange()
    #expect(short.blocks == [ok] && short.closedWith == nil)
    short.send("end", end: .data)
    long.send("more")
    try pair.exchange()
    #expect(short.closedWith == .noError && pair.serverPeer.exchanges.first?.hasEnded == true)
    #expect(long.closedWith == .noError && pair.serverPeer.exchanges.last?.hasEnded == false)
  }

  @Test("A thousand streams keep their order though only a hundred may be open")
  func manyStreams() throws {
    let pair = try SessionPair()
    var open = 0
    var most = 0
    pair.serverPeer.configure = { exchange in
      open += 1
      most = max(most, open)
      exchange.onEnd = {
        try $0.stream?.respond(self.ok, endStream: false)
        $0.send($0.text, end: .data)
        open -= 1
      }
    }
    try pair.exchange()
    let calls = try (0..<1000).map { try pair.open("\($0)") }
    try pair.exchange()
    #expect(calls.map(\.text) == (0..<1000).map { "\($0)" })
    #expect(most <= 100)
  }

  @Test("A server that shuts down lets the open stream end and takes no new one")
  func shutdown() throws {
    let pair = try SessionPair()
    let call = try pair.open("a", end: nil)
    try pair.exchange()
    pair.server.announceShutdown(ping: 42)
    try pair.exchange()
    #expect(pair.clientPeer.goAways.map(\.1) == [.max])
    #expect(pair.serverPeer.pings == [42])
    #expect(throws: HTTP2Error.self) { try pair.open() }
    pair.server.shutDown()
    try pair.exchange()
    #expect(pair.clientPeer.goAways.map(\.1) == [.max, 1])
    #expect(!pair.server.isFinished)
    let served = try #require(pair.serverPeer.exchanges.first)
    call.send("b", end: .data)
    try pair.exchange()
    #expect(served.text == "ab")
    try served.stream?.respond(ok, endStream: true)
    try pair.exchange()
    #expect(call.closedWith == .noError)
    #expect(pair.server.isFinished)
    #expect(pair.client.isFinished)
  }

  @Test("Requests that wait for their turn fail as refused when the server shuts down")
  func refusedStreams() throws {
    var configuration = HTTP2Configuration()
    configuration.maximumConcurrentStreams = 1
    let pair = try SessionPair(server: configuration)
    try pair.exchange()
    let first = try pair.open("a", end: nil)
    let second = try pair.open("b")
    try pair.exchange()
    #expect(pair.serverPeer.exchanges.count == 1)
    pair.server.shutDown()
    first.stream?.reset(.cancel)
    try pair.exchange()
    #expect(second.closedWith == .refusedStream)
  }

  @Test("When the connection is gone, all streams end with the reason")
  func lostConnection() throws {
    struct Lost: Error {}
    let pair = try SessionPair()
    let calls = try (0..<3).map { _ in try pair.open("a", end: nil) }
    try pair.exchange()
    pair.client.connectionClosed(error: Lost())
    #expect(calls.allSatisfy { $0.error is Lost })
    // Nothing that is done afterwards does harm.
    for call in calls { call.stream?.resume() }
    #expect(try pair.client.takeOutput() == nil)
    #expect(throws: HTTP2Error.self) { try pair.client.receive(ByteBuffer(bytes: [0])) }
  }

  @Test(
    "A header that HTTP/2 does not allow is not sent",
    arguments: [("Upper", "a"), ("a b", "a"), ("", "a"), ("a", "b\r\nc"), ("a", "b\0"), ("a", " b"), ("a", "b\t")])
  func invalidHeader(_ name: String, _ value: String) throws {
    let pair = try SessionPair()
    let error = #expect(throws: HTTP2Error.self) {
      try pair.client.openStream(
        SessionPair.request + [HTTP2Header(name, value)], endStream: true, delegate: Exchange())
    }
    #expect(error?.code == .invalidHeader)
    #expect(error?.message.contains("\"\(name)\": \"\(value)\"") == true)
  }
}
