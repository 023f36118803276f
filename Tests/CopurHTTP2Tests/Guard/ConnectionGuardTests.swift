import CopurHTTP2
import NIOCore
import Testing

/// The guard without a socket: what a peer may do, and at which event it has done too much.
struct ConnectionGuardTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
  private var start: NIODeadline { Self.start }

  private func makeGuard() throws -> ConnectionGuard {
    var subject = ConnectionGuard(HTTP2Configuration(), at: start)
    // What a connection begins with, before the first frame.
    try Frame.preface.prefix(24).withUnsafeBytes { try subject.received($0, isOpen: { _ in false }, at: start) }
    return subject
  }

  /// The number of times that an event may happen before it breaks a rule; `nil` if that never happened.
  private func count(
    _ limit: Int, _ event: (Int) throws -> Void
  ) -> (count: Int, rule: HTTP2Rule)? {
    for index in 0..<limit {
      do { try event(index) } catch {
        return ((error as? ConnectionGuard.Violation).map { (index, $0.rule) })
      }
    }
    return nil
  }

  private func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, length: Int = 8) -> FrameHeader {
    FrameHeader(length: length, type: type, flags: flags, stream: stream)
  }

  @Test("Resets that the peer provokes are allowed as a burst and at a rate")
  func provokedResets() throws {
    var subject = try makeGuard()
    let atOnce = count(200) { _ in try subject.resetSent(.protocolError, of: 1, at: start) }
    #expect(atOnce?.count == 100 && atOnce?.rule == .provokedResets)
    var slow = try makeGuard()
    #expect(
      count(10_000) { try slow.resetSent(.streamClosed, of: 1, at: start + .milliseconds(Int64($0) * 100)) } == nil)
  }

  @Test("Streams opened and reset at once are counted; those that were answered or open for a second are not")
  func rapidResets() throws {
    var rapid = try makeGuard()
    let atOnce = count(2000) { _ in try rapid.resetReceived(age: .milliseconds(999), at: start) }
    #expect(atOnce?.count == 1000 && atOnce?.rule == .rapidReset)
    var honest = try makeGuard()
    #expect(count(10_000) { _ in try honest.resetReceived(age: .seconds(1), at: start) } == nil)
    #expect(count(10_000) { _ in try honest.resetReceived(age: nil, at: start) } == nil)
  }

  /// A prefix of 0xFFFFFFFF, stream after stream, was answered 156,800 times.
  @Test("Requests that cannot be understood are allowed as a burst and at a rate")
  func invalidMessages() throws {
    var subject = try makeGuard()
    let atOnce = count(200) { _ in try subject.messageInvalid(at: start) }
    #expect(atOnce?.count == 100 && atOnce?.rule == .invalidMessages)
    var slow = try makeGuard()
    #expect(count(10_000) { try slow.messageInvalid(at: start + .milliseconds(Int64($0) * 100)) } == nil)
  }

  @Test("A reset that only says that the rest of a request is not needed is nobody's fault")
  func harmlessResets() throws {
    var subject = try makeGuard()
    #expect(count(10_000) { _ in try subject.resetSent(.noError, of: 1, at: start) } == nil)
  }

  @Test(
    "PING and SETTINGS floods end the connection, acknowledgements do not",
    arguments: [(6, "pings"), (4, "settings")] as [(UInt8, String)])
  func controlFrames(_ type: UInt8, _ rule: String) throws {
    var subject = try makeGuard()
    let flood = count(1000) { _ in try subject.frameBegan(frame(type), isOpen: { _ in false }, at: start) }
    #expect(flood?.count == 100 && flood?.rule.rawValue == rule)
    var other = try makeGuard()
    #expect(count(1000) { _ in try other.frameBegan(frame(type, flags: 1), isOpen: { _ in false }, at: start) } == nil)
  }

  @Test("A client that pings every second lives for a day, and one that pings for each response, too")
  func honestPings() throws {
    var idle = try makeGuard()
    #expect(
      count(86_400) { second in
        try Frame.make(type: 6, flags: 0, stream: 0, [UInt8](repeating: 0, count: 8)).withUnsafeBytes {
          try idle.received($0, isOpen: { _ in false }, at: start + .seconds(Int64(second)))
        }
      } == nil)
    var busy = try makeGuard()
    #expect(
      count(10_000) { _ in
        for _ in 0..<50 { try busy.frameBegan(frame(6), isOpen: { _ in true }, at: start) }
        busy.responseSent(10)
      } == nil)
  }

  @Test("One empty DATA frame is tolerated, a second one in a row is not; ends and data between them are")
  func emptyData() throws {
    let empty = frame(0, stream: 1, length: 0)
    var subject = try makeGuard()
    #expect(count(10) { _ in try subject.frameBegan(empty, isOpen: { _ in true }, at: start) }?.count == 1)
    for between in [frame(0, flags: 1, stream: 1, length: 0), frame(0, stream: 1, length: 1), frame(1, stream: 1)] {
      var subject = try makeGuard()
      #expect(
        count(100) { _ in
          try subject.frameBegan(empty, isOpen: { _ in true }, at: start)
          try subject.frameBegan(between, isOpen: { _ in true }, at: start)
        } == nil)
    }
    // Calls that end with empty frames of their own, as grpc-core's do.
    var ends = try makeGuard()
    #expect(
      count(100) { index in
        try ends.frameBegan(
          frame(0, flags: 1, stream: UInt32(index), length: 0), isOpen: { _ in true }, at: start)
      } == nil)
  }

  @Test("A stream's number is above the last one or that of an open stream")
  func streamNumbers() throws {
    var subject = try makeGuard()
    for stream: UInt32 in [1, 3, 9] {
      try subject.frameBegan(frame(1, stream: stream), isOpen: { _ in false }, at: start)
    }
    try subject.frameBegan(frame(1, stream: 3), isOpen: { $0 == 3 }, at: start)
    let error = #expect(throws: ConnectionGuard.Violation.self) {
      try subject.frameBegan(frame(1, stream: 7), isOpen: { $0 == 3 }, at: start)
    }
    #expect(
      error
        == .init(.streamNumber, "a new stream's number has to be above the last one (last: 9, actual: 7)"))
  }

  private func receive(_ bytes: [UInt8], by subject: inout ConnectionGuard, at now: NIODeadline) throws {
    try bytes.withUnsafeBytes { try subject.received($0, isOpen: { _ in true }, at: now) }
  }

  @Test("Frames that carry nothing end the connection after 8 MiB", arguments: [0xfe, 8, 2] as [UInt8])
  func overhead(_ type: UInt8) throws {
    // PRIORITY, WINDOW_UPDATE and frames of a type that nobody knows.
    let bytes = Array(repeatElement(Frame.make(type: type, flags: 0, stream: 1, [0, 0, 0, 1, 5]), count: 300).joined())
    var subject = try makeGuard()
    let flood = count(10_000) { _ in try receive(bytes, by: &subject, at: start) }
    #expect(flood?.rule == .overhead)
    #expect(
      flood.map { $0.count * bytes.count / (8 << 20) } == 0 || flood.map { $0.count * bytes.count / (8 << 20) } == 1)
    #expect(flood.map { abs($0.count * bytes.count - 8 << 20) <= bytes.count } == true)
  }

  @Test("Small messages and a reader's window updates are no overhead")
  func honestOverhead() throws {
    // Eight bytes of data behind each header of nine.
    var small = try makeGuard()
    let data = Frame.make(type: 0, flags: 0, stream: 1, [UInt8](repeating: 1, count: 8))
    #expect(
      count(50_000) { _ in
        try receive(data, by: &small, at: start)
        small.payloadReceived(8)
      } == nil)
    // Two window updates for each 16 KiB that the server sends.
    var reader = try makeGuard()
    let updates = Array(repeatElement(Frame.make(type: 8, flags: 0, stream: 1, [0, 0, 64, 0]), count: 2).joined())
    #expect(
      count(50_000) { _ in
        try receive(updates, by: &reader, at: start)
        reader.responseSent(16 << 10)
      } == nil)
  }

  @Test("What waits for a peer that does not read has a limit in frames and in bytes")
  func outboundQueue() throws {
    let subject = try makeGuard()
    try subject.outputWaits(frames: 1000, bytes: 1 << 20)
    let frames = #expect(throws: ConnectionGuard.Violation.self) { try subject.outputWaits(frames: 1001, bytes: 0) }
    let bytes = #expect(throws: ConnectionGuard.Violation.self) {
      try subject.outputWaits(frames: 0, bytes: 1 << 20 + 1)
    }
    #expect(frames?.rule == .outboundQueue && bytes?.rule == .outboundQueue)
    #expect(frames?.message.hasSuffix("frames waiting (max: 1000, actual: 1001)") == true)
    #expect(bytes?.message.hasSuffix("bytes waiting (max: 1048576, actual: 1048577)") == true)
  }
}
