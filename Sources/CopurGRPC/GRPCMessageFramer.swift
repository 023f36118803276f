package import GRPCCore
package import NIOCore

/// Puts the prefix before messages that go to the peer.
package enum GRPCMessageFramer {
  /// Appends a message and its prefix to `buffer`.
  ///
  /// - Parameters:
  ///   - message: The message.
  ///   - buffer: Where it goes.
  ///   - maximumMessageBytes: How long it may be.
  /// - Throws: RESOURCE_EXHAUSTED if it is longer.
  package static func frame(
    _ message: [UInt8],
    into buffer: inout ByteBuffer,
    maximumMessageBytes: Int
  ) throws(RPCError) {
    guard message.count <= maximumMessageBytes, let length = UInt32(exactly: message.count) else {
      throw RPCError(
        code: .resourceExhausted,
        message: "a message is too long to be sent (max: \(maximumMessageBytes), actual: \(message.count))")
    }
    buffer.reserveCapacity(minimumWritableBytes: max(GRPCMessageDeframer.prefixBytes + message.count, 1024))
    buffer.writeInteger(UInt8(0))
    buffer.writeInteger(length)
    buffer.writeBytes(message)
  }
}
