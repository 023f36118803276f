import CopurHTTP2
import NIOCore
import Testing

/// A peer's limits, and what becomes of one that goes beyond them.
struct LimitTests {
  @Test(
    "A list of headers within the budget passes, one beyond it costs its stream only, and can be answered",
    arguments: [(true, false), (false, false), (false, true)])
  func headerList(_ fits: Bool, _ isAnswered: Bool) throws {
    let pair = try SessionPair()
    pair.serverPeer.configure = { exchange in
      guard isAnswered else { return }
      exchange.onTooLarge = { try $0.stream?.respond([HTTP2Header(":status", "431")], endStream: true) }
    }
    // Each of these counts 5 + 995 + 32 bytes; 16 KiB take 15 of them and the request's own.
    let fields = (0..<(fits ? 15 : 16)).map {
      HTTP2Header("x-\($0 + 100)", String(repeating: "v", count: 995))
    }
    let large = Exchange()
    large.stream = try pair.client.openStream(SessionPair.request + fields, endStream: true, delegate: large)
    try pair.exchange()
    let received = try #require(pair.serverPeer.exchanges.first)
    #expect(received.blocks.count == (fits ? 1 : 0) && received.isTooLarge == !fits)
    #expect(large.closedWith == (fits ? nil : isAnswered ? .noError : .internalError))
    #expect(large.blocks == (isAnswered ? [[HTTP2Header(":status", "431")]] : []))
    _ = try pair.open("next")
    try pair.exchange()
    #expect(pair.serverPeer.exchanges.last?.text == "next")
  }

  @Test("A list of many small headers is refused too", arguments: [(96, true), (97, false)])
  func headerCount(_ count: Int, _ fits: Bool) throws {
    let pair = try SessionPair()
    let fields = (0..<count).map { HTTP2Header("x-\($0)", "") }
    let exchange = Exchange()
    _ = try pair.client.openStream(SessionPair.request + fields, endStream: true, delegate: exchange)
    try pair.exchange()
    #expect(pair.serverPeer.exchanges.map(\.isTooLarge) == [!fits])
  }

  @Test("A header that is not text costs its stream")
  func headerEncoding() throws {
    let pair = try SessionPair()
    try pair.exchange()
    // A request whose header x has the value 0xff: literals without indexing (RFC 7541 section 6.2.2).
    var block: [UInt8] = [0x83, 0x86, 0x84, 0x41, 1] + Array("a".utf8)
    block += [0x00, 1] + Array("x".utf8) + [1, 0xff]
    try pair.server.receive(ByteBuffer(bytes: Frame.headers(1, block, flags: 0x5)))
    #expect(pair.serverPeer.exchanges.isEmpty)
    try pair.exchange()
    #expect(pair.clientPeer.goAways.isEmpty)
  }

  @Test("Streams that are opened and reset at once end the connection")
  func rapidReset() throws {
    let server = try HTTP2Session(role: .server)
    try server.receive(ByteBuffer(bytes: Frame.preface))
    let block: [UInt8] = [0x83, 0x86, 0x84, 0x41, 1] + Array("a".utf8)
    var streams: UInt32 = 0
    #expect(throws: HTTP2Error.self) {
      while streams < 10_000 {
        let id = streams * 2 + 1
        try server.receive(ByteBuffer(bytes: Frame.headers(id, block, flags: 0x5) + Frame.reset(id)))
        _ = try server.takeOutput()
        streams += 1
        if server.isFinished { throw HTTP2Error(code: .peerViolation, message: "GOAWAY was sent") }
      }
    }
    #expect((1000...1040).contains(streams), "\(streams)")
  }

  @Test("A client that speaks something else is refused", arguments: ["GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}"])
  func notHTTP2(_ text: String) throws {
    let server = try HTTP2Session(role: .server)
    let error = #expect(throws: HTTP2Error.self) { try server.receive(ByteBuffer(string: text)) }
    #expect(error?.code == .peerViolation)
    #expect(error?.message.contains("bad client magic") == true, "\(error!)")
  }

  @Test("Bytes at random never trap, and what follows the failure is refused", arguments: 0..<200)
  func randomBytes(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let server = try HTTP2Session(role: .server)
    let peer = Peer()
    server.delegate = peer
    try server.receive(ByteBuffer(bytes: Frame.preface))
    for _ in 0..<50 {
      var bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      // Half of the time a frame's header, so that more than lengths are tried.
      if Bool.random(using: &random) {
        bytes = Frame.make(
          type: .random(in: 0...11, using: &random), flags: .random(in: 0...255, using: &random),
          stream: .random(in: 0...9, using: &random), bytes)
      }
      do {
        try server.receive(ByteBuffer(bytes: bytes))
        _ = try server.takeOutput()
      } catch {
        #expect(error is HTTP2Error)
        return
      }
    }
  }

  @Test("A valid conversation with one byte changed never traps", arguments: 0..<200)
  func mutatedBytes(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let pair = try SessionPair()
    _ = try pair.open("some data")
    _ = try pair.open("more data", end: .trailers([HTTP2Header("a", "b")]))
    var bytes = Array(try #require(try pair.client.takeOutput()).readableBytesView)
    bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
    do {
      try pair.server.receive(ByteBuffer(bytes: bytes), slice: 13)
      _ = try pair.server.takeOutput()
    } catch {
      #expect(error is HTTP2Error)
    }
  }
}

/// Frames by hand (RFC 9113 section 4.1).
enum Frame {
  /// The client's preface and empty SETTINGS.
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + make(type: 4, flags: 0, stream: 0, [])

  static func make(type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
    let length = payload.count
    return [UInt8(length >> 16), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), type, flags]
      + (0..<4).reversed().map { UInt8(stream >> ($0 * 8) & 0xff) } + payload
  }

  static func headers(_ stream: UInt32, _ block: [UInt8], flags: UInt8) -> [UInt8] {
    make(type: 1, flags: flags, stream: stream, block)
  }

  static func reset(_ stream: UInt32) -> [UInt8] {
    make(type: 3, flags: 0, stream: stream, [0, 0, 0, 8])
  }
}

/// Random numbers that a seed repeats.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
