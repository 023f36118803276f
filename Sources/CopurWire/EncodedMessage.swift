public import GRPCCore

/// A message that is bytes already.
public struct EncodedMessage: Hashable, Sendable {
  /// The message as it is on the wire.
  public let bytes: [UInt8]

  /// - Parameter bytes: The message as it is on the wire.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// Hands the bytes of messages on as they are.
public struct EncodedMessageSerializer: MessageSerializer {
  public init() {}

  public func serialize<Bytes: GRPCContiguousBytes>(_ message: EncodedMessage) -> Bytes { Bytes(message.bytes) }
}
