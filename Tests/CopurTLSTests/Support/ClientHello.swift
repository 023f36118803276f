import NIOCore

/// A client's first message, written by hand (RFC 8446 section 4.1.2) to say what our own client never says.
struct ClientHello {
  /// The protocol names to offer with ALPN.
  var protocols: [String]

  /// Whether to offer TLS 1.3, or 1.2 alone.
  var offersTLS13: Bool

  var record: ByteBuffer {
    var extensions = ByteBuffer()
    extensions.writeExtension(10) { $0.writeVector([0x00, 0x1d]) }  // x25519
    extensions.writeExtension(13) { $0.writeVector([0x04, 0x03, 0x08, 0x04]) }  // signature algorithms
    if offersTLS13 {
      extensions.writeExtension(43) { $0.writeBytes([2, 0x03, 0x04]) }
      extensions.writeExtension(51) { $0.writeVector([0x00, 0x1d, 0x00, 0x20] + [UInt8](repeating: 9, count: 32)) }
    }
    extensions.writeExtension(16) { buffer in
      buffer.writeVector(protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) })
    }

    var body = ByteBuffer(bytes: [0x03, 0x03] + [UInt8](repeating: 7, count: 32))
    body.writeInteger(UInt8(0))
    body.writeVector([0x13, 0x01, 0xc0, 0x2b])
    body.writeBytes([1, 0])
    body.writeVector(Array(extensions.readableBytesView))

    var record = ByteBuffer(bytes: [0x16, 0x03, 0x01])
    record.writeInteger(UInt16(body.readableBytes + 4))
    record.writeBytes([0x01, 0])
    record.writeInteger(UInt16(body.readableBytes))
    record.writeBuffer(&body)
    return record
  }
}

extension ByteBuffer {
  fileprivate mutating func writeVector(_ bytes: [UInt8]) {
    writeInteger(UInt16(bytes.count))
    writeBytes(bytes)
  }

  fileprivate mutating func writeExtension(_ type: UInt16, _ body: (inout ByteBuffer) -> Void) {
    var content = ByteBuffer()
    body(&content)
    writeInteger(type)
    writeVector(Array(content.readableBytesView))
  }
}
