package import GRPCCore

/// Finds the messages in a stream's data, wherever frames cut them.
///
/// gRPC over HTTP/2, "Length-Prefixed-Message": a byte that says whether the message is compressed, four bytes of
/// length, big-endian, and the message.
package struct GRPCMessageDeframer: Sendable {
  /// The length of the prefix.
  package static let prefixBytes = 5

  private let maximumMessageBytes: Int
  private var prefix: (count: Int, length: UInt32) = (0, 0)
  private var partial: [UInt8] = []

  /// The number of bytes that the part of a message that has not ended takes.
  package var incompleteBytes: Int { partial.isEmpty ? 0 : partial.capacity }

  /// Creates a deframer.
  ///
  /// - Parameter maximumMessageBytes: How long a message may be.
  package init(maximumMessageBytes: Int) {
    self.maximumMessageBytes = maximumMessageBytes
  }

  /// Takes in data and appends the messages that are complete to `messages`.
  ///
  /// - Parameters:
  ///   - data: The next bytes of the stream.
  ///   - messages: Where the messages go.
  /// - Throws: RESOURCE_EXHAUSTED for a message that is too long, UNIMPLEMENTED for a compressed one, INTERNAL for a
  ///   flag that means nothing. The prefix is judged before anything is allocated; nothing can be read after it.
  package mutating func feed(_ data: UnsafeRawBufferPointer, into messages: inout [[UInt8]]) throws(RPCError) {
    var data = data[...]
    while true {
      while prefix.count < Self.prefixBytes {
        guard let byte = data.popFirst() else { return }
        if prefix.count == 0 { try checkFlag(byte) } else { prefix.length = prefix.length << 8 | UInt32(byte) }
        prefix.count += 1
        if prefix.count == Self.prefixBytes { try checkLength(prefix.length) }
      }
      let missing = Int(prefix.length) - partial.count
      guard data.count >= missing else {
        // A peer that announces much and sends little gets little memory.
        if partial.isEmpty { partial.reserveCapacity(min(Int(prefix.length), 64 << 10)) }
        partial.append(contentsOf: data)
        return
      }
      let rest = data.prefix(missing)
      if partial.isEmpty {
        messages.append([UInt8](rest))
      } else {
        partial.append(contentsOf: rest)
        messages.append(partial)
        partial = []
      }
      data = data.dropFirst(missing)
      prefix = (0, 0)
    }
  }

  /// Checks that the stream's end is the end of a message.
  ///
  /// - Throws: INTERNAL if it is not.
  package func finish() throws(RPCError) {
    guard prefix.count > 0 else { return }
    let expected = prefix.count == Self.prefixBytes ? "\(prefix.length)" : "a prefix of \(Self.prefixBytes)"
    let actual = prefix.count == Self.prefixBytes ? partial.count : prefix.count
    throw RPCError(
      code: .internalError,
      message: "the stream ended inside a message (bytes expected: \(expected), actual: \(actual))")
  }

  private func checkFlag(_ flag: UInt8) throws(RPCError) {
    switch flag {
    case 0:
      break
    case 1:
      // "Compression": a server that does not support it answers UNIMPLEMENTED.
      throw RPCError(code: .unimplemented, message: "compressed messages are not supported (flag: 1)")
    default:
      throw RPCError(code: .internalError, message: "a message's compression flag has to be 0 or 1 (actual: \(flag))")
    }
  }

  private func checkLength(_ length: UInt32) throws(RPCError) {
    guard length <= maximumMessageBytes else {
      throw RPCError(
        code: .resourceExhausted,
        message: "a message is too long (max: \(maximumMessageBytes), actual: \(length))")
    }
  }
}
