import CopurHTTP2
import NIOCore
import NIOEmbedded
import Testing

/// The guard at work in a connection: raw frames in, a closed connection and a counter out.
struct GuardedHandlerTests {
  private let block: [UInt8] = [0x83, 0x86, 0x84, 0x41, 1] + Array("a".utf8)
  private let settingsAcknowledgement = Frame.make(type: 4, flags: 1, stream: 0, [])

  /// A server whose client has done what is due in the beginning.
  private func server(_ change: (inout HTTP2Configuration) -> Void = { _ in }) throws -> Side {
    var configuration = HTTP2Configuration()
    change(&configuration)
    let server = try Side(.server, configuration: configuration)
    try server.receive(Frame.preface + settingsAcknowledgement)
    _ = try server.sent()
    return server
  }

  /// The error codes of the GOAWAY frames among bytes.
  private func goAways(_ bytes: [UInt8]) -> [UInt32] {
    var rest = bytes[...]
    var codes: [UInt32] = []
    while rest.count >= 9 {
      let header = Array(rest.prefix(9))
      let length = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
      let payload = Array(rest.dropFirst(9).prefix(length))
      if header[3] == 7 { codes.append(payload[4..<8].reduce(0) { $0 << 8 | UInt32($1) }) }
      rest = rest.dropFirst(9 + length)
    }
    return codes
  }

  /// Sends pieces until the connection is closed, reading all that it answers.
  ///
  /// - Returns: How many pieces it took, and all that was sent.
  private func attack(_ server: Side, limit: Int, _ piece: (Int) -> [UInt8]) throws -> (pieces: Int, answer: [UInt8]) {
    var answer: [UInt8] = []
    for index in 0..<limit {
      try server.receive(piece(index))
      answer += try server.sent()
      if !server.channel.isActive { return (index + 1, answer) }
    }
    return (limit, answer)
  }

  private func request(_ index: Int) -> [UInt8] {
    Frame.headers(UInt32(index * 2 + 1), block, flags: 0x5)
  }

  @Test("Rapid reset ends the connection")
  func rapidReset() throws {
    let server = try server()
    let (pieces, answer) = try attack(server, limit: 2000) {
      Frame.headers(UInt32($0 * 2 + 1), self.block, flags: 0x4) + Frame.reset(UInt32($0 * 2 + 1))
    }
    #expect(pieces == 1001)
    #expect(server.broken == [.rapidReset])
    // ENHANCE_YOUR_CALM; nghttp2 said INTERNAL_ERROR.
    #expect(goAways(answer) == [11])
  }

  /// A user who watched 90 sessions and left, three times, was taken for an attacker.
  @Test("A client may open and cancel 90 calls again and again")
  func cancelledCalls() throws {
    let server = try server()
    for cycle in 0..<50 {
      let streams = (0..<90).map { UInt32((cycle * 90 + $0) * 2 + 1) }
      for stream in streams { try server.receive(Frame.headers(stream, block, flags: 0x4)) }
      if cycle >= 10 { server.wait(.seconds(1)) }
      for stream in streams { try server.receive(Frame.reset(stream)) }
      _ = try server.sent()
    }
    #expect(server.channel.isActive && server.broken == [])
  }

  /// An answer before the end of the request, as a refusal is, ended the connection and every call on it.
  @Test(
    "A request that is answered early may end with trailers; headers for it after that, or for a lower number, may not")
  func lateTrailers() throws {
    let server = try server()
    server.owner.peer.configure = { _ in }
    try server.receive(Frame.headers(1, block, flags: 0x4))
    try server.owner.peer.exchanges[0].stream?.respond([HTTP2Header(":status", "200")], endStream: true)
    _ = try server.sent()
    #expect(server.owner.peer.exchanges[0].closedWith == .noError)
    let trailers: [UInt8] = [0x00, 1, 0x78, 1, 0x79]
    try server.receive(Frame.headers(1, trailers, flags: 0x5))
    _ = try server.sent()
    #expect(server.channel.isActive && server.broken == [])
    try server.receive(Frame.headers(3, block, flags: 0x4))
    _ = try server.sent()
    #expect(server.owner.peer.exchanges.count == 2)

    try server.receive(Frame.headers(1, trailers, flags: 0x5))
    #expect(goAways(try server.sent()) == [5] && server.broken == [.streamClosed])
  }

  @Test("Data for a stream that both sides have ended ends the connection; for one that the server reset it does not")
  func lateData() throws {
    let server = try server()
    let data = { (stream: UInt32) in Frame.make(type: 0, flags: 1, stream: stream, [0]) }
    server.owner.peer.configure = { _ in }
    try server.receive(Frame.headers(1, block, flags: 0x4))
    server.owner.peer.exchanges[0].stream?.reset(.cancel)
    _ = try server.sent()
    try server.receive(data(1) + data(1))
    #expect(goAways(try server.sent()) == [] && server.broken == [])

    try server.receive(Frame.headers(3, block, flags: 0x5))
    try server.owner.peer.exchanges[1].stream?.respond([HTTP2Header(":status", "200")], endStream: true)
    _ = try server.sent()
    #expect(server.owner.peer.exchanges[1].closedWith == .noError)
    try server.receive(data(3))
    #expect(goAways(try server.sent()) == [5] && server.broken == [.streamClosed])
  }

  @Test("PRIORITY is passed over, but for one of stream 0")
  func priority() throws {
    let server = try server()
    try server.receive(Frame.make(type: 2, flags: 0, stream: 1, [0, 0, 0, 0, 255]))
    #expect(goAways(try server.sent()) == [] && server.broken == [])
    try server.receive(Frame.make(type: 2, flags: 0, stream: 0, [0, 0, 0, 0, 255]))
    #expect(goAways(try server.sent()) == [1] && server.broken == [.protocolError])
  }

  @Test("A list of headers may come in nine frames")
  func fewContinuations() throws {
    let server = try server()
    server.owner.peer.configure = { _ in }
    try server.receive(Frame.headers(1, block, flags: 0x1))
    for index in 0..<8 {
      try server.receive(Frame.make(type: 9, flags: index == 7 ? 4 : 0, stream: 1, [0x00, 1, 0x78, 1, 0x79]))
    }
    _ = try server.sent()
    #expect(server.channel.isActive && server.owner.peer.exchanges.count == 1 && server.broken == [])
  }

  @Test("A list of headers in more than nine frames ends the connection")
  func continuations() throws {
    let server = try server()
    let header: [UInt8] = [0x00, 1, 0x78, 1, 0x79]
    try server.receive(Frame.headers(1, block, flags: 0x1))
    for _ in 0..<9 { try server.receive(Frame.make(type: 9, flags: 0, stream: 1, header)) }
    _ = try server.sent()
    #expect(!server.channel.isActive)
    #expect(server.broken == [.continuations])
  }

  @Test("Streams that the server is made to reset end the connection (MadeYouReset)", arguments: ["window", "length"])
  func madeYouReset(_ kind: String) throws {
    let server = try server()
    server.owner.peer.configure = { _ in }
    let (pieces, answer) = try attack(server, limit: 1000) { index in
      let stream = UInt32(index * 2 + 1)
      if kind == "window" {
        // RFC 9113 section 6.9.1: a window above 2³¹ − 1.
        return Frame.headers(stream, self.block, flags: 0x4)
          + Frame.make(type: 8, flags: 0, stream: stream, [0x7f, 0xff, 0xff, 0xff])
      }
      // RFC 9113 section 8.1.1: a content-length of 5 and 1 byte.
      let length: [UInt8] = [0x0f, 0x0d, 1, 0x35]
      return Frame.headers(stream, self.block + length, flags: 0x4) + Frame.make(type: 0, flags: 1, stream: stream, [0])
    }
    #expect(pieces == 101)
    #expect(server.broken == [.provokedResets])
    #expect(goAways(answer) == [11])
  }

  @Test("Lists of headers beyond the budget are counted, and too many of them end the connection")
  func headerLists() throws {
    let server = try server()
    // An entry of 4000 bytes in the dynamic table, then five bytes that stand for it five times (an HPACK bomb).
    let request: [UInt8] = [0x83, 0x86, 0x84, 0x01, 1] + Array("a".utf8)
    let entry: [UInt8] = [0x40, 1, 0x78, 0x7f, 0xa1, 0x1e] + [UInt8](repeating: 0x79, count: 4000)
    let (pieces, _) = try attack(server, limit: 1000) { index in
      Frame.headers(
        UInt32(index * 2 + 1), request + (index == 0 ? entry : []) + [0xbe, 0xbe, 0xbe, 0xbe, 0xbe], flags: 0x5)
    }
    // Each counts as ten resets, and is reset once more here.
    #expect(pieces == 10)
    #expect(server.broken == [.provokedResets, .headerList])
    #expect(server.refusals.count(of: .headerList) == 10)
    #expect(server.owner.peer.exchanges.allSatisfy { $0.isTooLarge && $0.blocks.isEmpty })
  }

  @Test(
    "PING and SETTINGS floods end the connection",
    arguments: [(6, HTTP2Rule.pings), (4, HTTP2Rule.settings)] as [(UInt8, HTTP2Rule)])
  func controlFrames(_ type: UInt8, _ rule: HTTP2Rule) throws {
    let server = try server()
    let payload = [UInt8](repeating: 0, count: type == 6 ? 8 : 0)
    let (pieces, answer) = try attack(server, limit: 1000) { _ in
      Frame.make(type: type, flags: 0, stream: 0, payload)
    }
    // The client's first SETTINGS count, too.
    #expect((100...101).contains(pieces))
    #expect(server.broken == [rule])
    #expect(goAways(answer) == [11])
  }

  @Test("A client that pings once a second and asks for nothing lives")
  func keepAlive() throws {
    let server = try server()
    for _ in 0..<1000 {
      server.wait(.seconds(1))
      try server.receive(Frame.make(type: 6, flags: 0, stream: 0, [UInt8](repeating: 0, count: 8)))
      _ = try server.sent()
    }
    #expect(server.channel.isActive)
    #expect(server.broken == [])
  }

  @Test("Too many settings in a frame end the connection")
  func settingsEntries() throws {
    let server = try server()
    try server.receive(
      Frame.make(type: 4, flags: 0, stream: 0, Array(repeatElement([0, 9, 0, 0, 0, 0], count: 17).joined())))
    #expect(goAways(try server.sent()) == [11])
    #expect(!server.channel.isActive)
    #expect(server.broken == [.settingsEntries])
  }

  @Test("Empty DATA frames, lower stream numbers and frames that carry nothing end the connection")
  func others() throws {
    let empty = try server()
    try empty.receive(Frame.headers(1, block, flags: 0x4))
    for _ in 0..<2 { try empty.receive(Frame.make(type: 0, flags: 0, stream: 1, [])) }
    #expect(empty.broken == [.emptyData] && !empty.channel.isActive)

    let lower = try server()
    try lower.receive(Frame.headers(5, block, flags: 0x5))
    try lower.receive(Frame.headers(3, block, flags: 0x5))
    #expect(lower.broken == [.streamNumber] && !lower.channel.isActive)

    let unknown = try server()
    let frame = Frame.make(type: 0xfe, flags: 0, stream: 0, [UInt8](repeating: 0, count: 16_384))
    let (pieces, _) = try attack(unknown, limit: 1000) { _ in frame }
    #expect((511...513).contains(pieces))
    #expect(unknown.broken == [.overhead])
  }

  @Test("A client that opens more streams than it acknowledged is closed, one that did not know is refused them first")
  func concurrentStreams() throws {
    let server = try server()
    server.owner.peer.configure = { _ in }
    #expect(try attack(server, limit: 1000) { self.request($0) }.pieces == 101)
    #expect(server.broken == [.concurrentStreams])

    let early = try Side(.server)
    early.owner.peer.configure = { _ in }
    try early.receive(Frame.preface)
    #expect(try attack(early, limit: 2000) { self.request($0) }.pieces == 1101)
    #expect(early.owner.peer.exchanges.count == 100)
    #expect(early.refusals.count(of: .concurrentStreams) == 1001)
    #expect(early.broken == [.rapidReset, .concurrentStreams])
  }

  @Test("A drain is two GOAWAYs: 2³¹ − 1 and a PING, then the last stream; what was under way is answered")
  func drain() throws {
    let server = try server()
    try server.receive(Frame.headers(1, block, flags: 0x4))
    server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    let announcement = try server.sent()
    let goAway = Frame.make(type: 7, flags: 0, stream: 0, [0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0])
    #expect(Array(announcement.prefix(goAway.count)) == goAway)
    let ping = Array(announcement.dropFirst(goAway.count))
    #expect(ping.count == 17 && ping[3] == 6 && ping[4] == 0)
    // Sent before the client has seen it.
    try server.receive(Frame.headers(3, block, flags: 0x5))
    try server.receive(Frame.make(type: 6, flags: 1, stream: 0, Array(ping.suffix(8))))
    let answer = try server.sent()
    #expect(answer.suffix(17) == Frame.make(type: 7, flags: 0, stream: 0, [0, 0, 0, 3, 0, 0, 0, 0])[...])
    #expect(server.owner.peer.exchanges.map(\.closedWith) == [nil, .noError])
    #expect(server.channel.isActive)
    try server.receive(Frame.make(type: 0, flags: 1, stream: 1, []))
    _ = try server.sent()
    #expect(!server.channel.isActive)
    #expect(server.owner.closures.count == 1 && server.owner.closures.allSatisfy { $0 == nil })
    #expect(server.broken == [])
  }

  @Test(
    "A peer that does not read is closed for what waits", arguments: [HTTP2Rule.queuedAcknowledgements, .outboundQueue])
  func unread(_ rule: HTTP2Rule) throws {
    let server = try server {
      // The buckets would be first: here it is the queue that is tried.
      $0.controlFrameBurst = 1_000_000
      $0.provokedResetBurst = 1_000_000
      $0.maximumConcurrentStreams = 1_000_000
    }
    server.channel.isWritable = false
    var pieces = 0
    while server.channel.isActive, pieces < 5000 {
      if rule == .queuedAcknowledgements {
        try server.receive(Frame.make(type: 6, flags: 0, stream: 0, [UInt8](repeating: 0, count: 8)))
      } else {
        let stream = UInt32(pieces * 2 + 1)
        try server.receive(
          Frame.headers(stream, block, flags: 0x4)
            + Frame.make(type: 8, flags: 0, stream: stream, [0x7f, 0xff, 0xff, 0xff]))
      }
      pieces += 1
    }
    #expect((rule == .queuedAcknowledgements ? 200...202 : 990...1001).contains(pieces), "\(pieces)")
    #expect(server.refusals.count(of: rule) == 1)
  }

  @Test("A client that is slow to begin, to acknowledge or to end a list of headers is closed")
  func slowloris() throws {
    let silent = try Side(.server)
    silent.wait(.milliseconds(4999))
    #expect(silent.channel.isActive)
    silent.wait(.milliseconds(1))
    #expect(!silent.channel.isActive && silent.broken == [.prefaceTimeout])

    let rude = try Side(.server)
    try rude.receive(Frame.preface)
    rude.wait(.milliseconds(9999))
    #expect(rude.channel.isActive)
    rude.wait(.milliseconds(1))
    #expect(goAways(try rude.sent()) == [4])
    #expect(!rude.channel.isActive && rude.broken == [.settingsTimeout])

    let slow = try server()
    for byte in Frame.headers(1, [UInt8](repeating: 0x83, count: 100), flags: 0x5).prefix(14) {
      slow.wait(.seconds(1))
      try slow.receive([byte])
    }
    #expect(!slow.channel.isActive && slow.broken == [.headerTimeout])
  }

  @Test("An idle connection is drained with two GOAWAYs, and closed")
  func idle() throws {
    let server = try server()
    server.wait(.seconds(299))
    #expect(goAways(try server.sent()) == [])
    server.wait(.seconds(1))
    #expect(goAways(try server.sent()) == [0])
    #expect(server.channel.isActive)
    // The client does not answer the PING.
    server.wait(.seconds(20))
    #expect(goAways(try server.sent()) == [0])
    #expect(!server.channel.isActive)
    #expect(server.broken == [.idle])
  }

  @Test("A connection with an open stream is not idle as long as its peer answers")
  func idleWithStream() throws {
    let server = try server()
    try server.receive(Frame.headers(1, block, flags: 0x4))
    for _ in 0..<10 {
      server.wait(.seconds(300))
      let ping = try server.sent()
      #expect(ping == Frame.make(type: 6, flags: 0, stream: 0, [UInt8](repeating: 0, count: 8)))
      try server.receive(Frame.make(type: 6, flags: 1, stream: 0, [UInt8](repeating: 0, count: 8)))
    }
    #expect(server.channel.isActive)
    server.wait(.seconds(321))
    #expect(!server.channel.isActive)
    #expect(server.broken == [.idle])
  }

  @Test("A client that gives no window is closed when the response has not moved for 30 s")
  func writeStall() throws {
    let server = try Side(.server)
    // SETTINGS_INITIAL_WINDOW_SIZE (4) is 0.
    let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    try server.receive(
      preface + Frame.make(type: 4, flags: 0, stream: 0, [0, 4, 0, 0, 0, 0]) + settingsAcknowledgement)
    try server.receive(
      Frame.headers(1, block, flags: 0x4) + Frame.make(type: 0, flags: 1, stream: 1, [UInt8](repeating: 1, count: 100)))
    _ = try server.sent()
    for _ in 0..<29 {
      // A window of one byte each second is no progress.
      server.wait(.seconds(1))
      try server.receive(Frame.make(type: 8, flags: 0, stream: 1, [0, 0, 0, 1]))
      _ = try server.sent()
    }
    #expect(server.channel.isActive)
    server.wait(.seconds(1))
    #expect(!server.channel.isActive)
    #expect(server.broken == [.writeStall])
  }

  @Test("A stream number above the limit drains the connection and is still answered")
  func streamNumbers() throws {
    let server = try server { $0.lastStreamNumber = 4 }
    try server.receive(Frame.headers(3, block, flags: 0x5))
    #expect(goAways(try server.sent()) == [])
    try server.receive(Frame.headers(5, block, flags: 0x5))
    let answer = try server.sent()
    #expect(goAways(answer) == [0])
    #expect(server.owner.peer.exchanges.last?.closedWith == .noError)
    #expect(server.broken == [.streamNumbersUsed])
  }

  @Test("The default is the number that the specification has")
  func defaults() {
    #expect(HTTP2Configuration().lastStreamNumber == 1_073_741_824)
  }

  @Test("A client is not held to a server's limits")
  func client() throws {
    let client = try Side(.client)
    _ = try client.sent()
    client.wait(.hours(1))
    #expect(client.channel.isActive)
    #expect(client.broken == [])
  }
}
