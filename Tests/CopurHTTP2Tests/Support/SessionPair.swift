import CopurHTTP2
import NIOCore

/// A client and a server that hand each other their bytes.
final class SessionPair {
  let client: HTTP2Session
  let server: HTTP2Session
  let clientPeer = Peer()
  let serverPeer = Peer()

  init(
    client: HTTP2Configuration = HTTP2Configuration(),
    server: HTTP2Configuration = HTTP2Configuration()
  ) throws {
    self.client = try HTTP2Session(role: .client, configuration: client)
    self.server = try HTTP2Session(role: .server, configuration: server)
    self.client.delegate = clientPeer
    self.server.delegate = serverPeer
  }

  /// Carries bytes until neither side has anything to say.
  ///
  /// - Parameter slice: Into pieces of how many bytes they are cut.
  func exchange(slice: Int = .max) throws {
    var isMoving = true
    while isMoving {
      isMoving = false
      for (from, to) in [(client, server), (server, client)] {
        while let bytes = try from.takeOutput() {
          isMoving = true
          try to.receive(bytes, slice: slice)
        }
      }
    }
  }

  static let request = [
    HTTP2Header(":method", "POST"), HTTP2Header(":scheme", "http"), HTTP2Header(":authority", "localhost"),
    HTTP2Header(":path", "/a"),
  ]

  /// Opens a stream with a request and its body.
  func open(_ body: String = "", end: HTTP2Outbound.End? = .data) throws -> Exchange {
    let exchange = Exchange()
    exchange.outbound.append(.chunk(ByteBuffer(string: body), end: end))
    exchange.stream = try client.openStream(Self.request, endStream: false, delegate: exchange)
    return exchange
  }
}

extension HTTP2Session {
  func receive(_ bytes: ByteBuffer, slice: Int = .max) throws {
    var bytes = bytes
    while let piece = bytes.readSlice(length: min(slice, bytes.readableBytes)), piece.readableBytes > 0 {
      try piece.withUnsafeReadableBytes { try receive($0) }
    }
  }
}

/// Records what happens on a connection and, on a server, keeps the streams.
final class Peer: HTTP2SessionDelegate {
  var exchanges: [Exchange] = []
  var settingsCount = 0
  var settingsAcknowledgements = 0
  var refusals: [HTTP2Rule] = []
  var lastStreamNumber: Int32?
  var goAways: [(HTTP2ErrorCode, Int32)] = []
  var pings: [UInt64] = []
  var configure: (Exchange) -> Void = { _ in }

  func streamOpened(_ stream: HTTP2Stream) {
    let exchange = Exchange()
    exchange.stream = stream
    stream.delegate = exchange
    exchanges.append(exchange)
    configure(exchange)
  }

  func settingsReceived() { settingsCount += 1 }

  func goAwayReceived(_ code: HTTP2ErrorCode, lastStream: Int32) { goAways.append((code, lastStream)) }

  func pingAcknowledged(_ payload: UInt64) { pings.append(payload) }

  func settingsAcknowledged() { settingsAcknowledgements += 1 }

  func streamRefused(_ rule: HTTP2Rule) { refusals.append(rule) }

  func streamNumbersUsed(_ last: Int32) { lastStreamNumber = last }

  func outputWaiting() {}
}

/// Records what happens on a stream, and sends what it is told to.
final class Exchange: HTTP2StreamDelegate {
  weak var stream: HTTP2Stream?
  var blocks: [[HTTP2Header]] = []
  var body: [UInt8] = []
  var hasEnded = false
  var closedWith: HTTP2ErrorCode?
  var error: (any Error)?
  var outbound: [HTTP2Outbound] = []
  var consumes = true
  var onEnd: (Exchange) throws -> Void = { _ in }
  var isTooLarge = false
  /// Nil: as a delegate does that has nothing to say to it.
  var onTooLarge: ((Exchange) throws -> Void)?

  var text: String { String(decoding: body, as: UTF8.self) }

  func send(_ text: String, end: HTTP2Outbound.End? = nil) {
    outbound.append(.chunk(ByteBuffer(string: text), end: end))
    stream?.resume()
  }

  func received(headers: [HTTP2Header], on stream: HTTP2Stream) { blocks.append(headers) }

  func headersTooLarge(on stream: HTTP2Stream) {
    isTooLarge = true
    guard let onTooLarge else { return stream.reset(.internalError) }
    try? onTooLarge(self)
  }

  func received(data: UnsafeRawBufferPointer, on stream: HTTP2Stream) {
    body += data
    if consumes { stream.consume(data.count) }
  }

  func receivedEnd(on stream: HTTP2Stream) {
    hasEnded = true
    try? onEnd(self)
  }

  func nextOutbound(on stream: HTTP2Stream) -> HTTP2Outbound {
    outbound.isEmpty ? .later : outbound.removeFirst()
  }

  func closed(_ code: HTTP2ErrorCode, error: (any Error)?) {
    closedWith = code
    self.error = error
  }
}
