import CopurGRPC
import GRPCCore
import NIOCore
import Testing

struct GRPCMessageDeframerTests {
  /// Feeds `bytes` in slices and returns the messages.
  private func deframe(
    _ bytes: [UInt8], slice: Int = .max, maximum: Int = 1000
  ) throws -> (messages: [[UInt8]], deframer: GRPCMessageDeframer) {
    var deframer = GRPCMessageDeframer(maximumMessageBytes: maximum)
    var messages: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(slice)
      rest = rest.dropFirst(piece.count)
      try piece.withUnsafeBytes { try deframer.feed($0, into: &messages) }
    }
    return (messages, deframer)
  }

  private static func prefixed(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
    [flag] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
  }

  @Test(
    "Messages come out as they went in, however they are cut",
    arguments: [[[]], [[1]], [[1, 2, 3], [], [4]], [[UInt8](repeating: 7, count: 1000)]] as [[[UInt8]]],
    [1, 2, 3, 5, 6, 1000])
  func roundTrip(_ messages: [[UInt8]], _ slice: Int) throws {
    let (received, deframer) = try deframe(messages.flatMap { Self.prefixed($0) }, slice: slice)
    #expect(received == messages)
    #expect(throws: Never.self) { try deframer.finish() }
  }

  @Test("The framer writes what the deframer reads")
  func framer() throws {
    var buffer = ByteBuffer()
    for message in [[], [1, 2, 3]] as [[UInt8]] {
      try GRPCMessageFramer.frame(message, into: &buffer, maximumMessageBytes: 3)
    }
    #expect(Array(buffer.readableBytesView) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3])
    let error = #expect(throws: RPCError.self) {
      try GRPCMessageFramer.frame([1, 2, 3, 4], into: &buffer, maximumMessageBytes: 3)
    }
    #expect(error?.code == .resourceExhausted)
    #expect(buffer.readableBytes == 13)
  }

  @Test(
    "A prefix that is not allowed is refused before its message has come",
    arguments: [
      ([0, 0, 0, 0x03, 0xe9], RPCError.Code.resourceExhausted, "a message is too long (max: 1000, actual: 1001)"),
      ([0, 0xff, 0xff, 0xff, 0xff], .resourceExhausted, "a message is too long (max: 1000, actual: 4294967295)"),
      ([1], .unimplemented, "compressed messages are not supported (flag: 1)"),
      ([2], .internalError, "a message's compression flag has to be 0 or 1 (actual: 2)"),
      ([0xff, 0, 0, 0, 0], .internalError, "a message's compression flag has to be 0 or 1 (actual: 255)"),
    ] as [([UInt8], RPCError.Code, String)], [1, 5])
  func refused(_ row: (bytes: [UInt8], code: RPCError.Code, message: String), _ slice: Int) {
    let error = #expect(throws: RPCError.self) { try deframe(row.bytes, slice: slice) }
    #expect(error?.code == row.code)
    #expect(error?.message == row.message)
  }

  @Test("Messages before one that is refused are delivered")
  func messagesBefore() {
    var deframer = GRPCMessageDeframer(maximumMessageBytes: 1000)
    var messages: [[UInt8]] = []
    let bytes = Self.prefixed([1, 2]) + [1, 0, 0, 0, 0]
    #expect(throws: RPCError.self) { try bytes.withUnsafeBytes { try deframer.feed($0, into: &messages) } }
    #expect(messages == [[1, 2]])
  }

  @Test("A stream that ends inside a message is an error", arguments: 1..<8)
  func truncated(_ count: Int) throws {
    let (messages, deframer) = try deframe(Array(Self.prefixed([1, 2, 3]).prefix(count)))
    #expect(messages.isEmpty)
    let error = #expect(throws: RPCError.self) { try deframer.finish() }
    #expect(error?.code == .internalError)
    #expect(error?.message.contains("actual: \(count < 5 ? count : count - 5)") == true, "\(error!)")
  }
}
