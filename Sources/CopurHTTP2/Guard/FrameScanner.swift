/// A frame's header (RFC 9113 section 4.1).
package struct FrameHeader: Equatable, Sendable {
  /// The frame types of RFC 9113 section 6 that the guard looks at.
  package enum Kind {
    package static let data: UInt8 = 0
    package static let headers: UInt8 = 1
    package static let priority: UInt8 = 2
    package static let settings: UInt8 = 4
    package static let ping: UInt8 = 6
    package static let continuation: UInt8 = 9
  }

  package var length: Int
  package var type: UInt8
  package var flags: UInt8
  package var stream: UInt32

  package init(length: Int, type: UInt8, flags: UInt8, stream: UInt32) {
    self.length = length
    self.type = type
    self.flags = flags
    self.stream = stream
  }

  /// END_STREAM of DATA and HEADERS, ACK of PING and SETTINGS.
  package var hasFirstFlag: Bool { flags & 0x1 != 0 }

  package var endsHeaders: Bool { flags & 0x4 != 0 }
}

/// Finds the frames' headers in a client's bytes, wherever reads cut them.
///
/// nghttp2 calls nobody for frames that it does not know or ignores; this sees all of them.
package struct FrameScanner: Sendable {
  /// The bytes of the preface (RFC 9113 section 3.4) or of a frame's payload that are still to come.
  private var remaining = 24
  private var collected = 0
  private var high: UInt64 = 0
  private var low: UInt32 = 0
  private var isInHeaders = false
  private var expectsContinuation = false

  /// The number of lists of headers that have begun.
  package private(set) var headerBlocks = 0

  /// Creates a scanner for a connection that begins with the client's preface.
  package init() {}

  /// Whether a list of headers has begun and is not complete.
  package var isInsideHeaderBlock: Bool { expectsContinuation || isInHeaders && remaining > 0 }

  /// Passes over bytes up to and including the next frame header.
  ///
  /// - Parameter bytes: What has come; what was passed over is dropped from it.
  /// - Returns: The header, or `nil` if no other is complete in these bytes.
  package mutating func next(in bytes: inout Slice<UnsafeRawBufferPointer>) -> FrameHeader? {
    if remaining > 0 {
      let skipped = min(remaining, bytes.count)
      bytes = bytes.dropFirst(skipped)
      remaining -= skipped
    }
    guard remaining == 0 else { return nil }
    while collected < 9 {
      guard let byte = bytes.popFirst() else { return nil }
      if collected < 5 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt32(byte) }
      collected += 1
    }
    let header = FrameHeader(
      length: Int(high >> 16 & 0xff_ffff), type: UInt8(high >> 8 & 0xff), flags: UInt8(high & 0xff),
      // RFC 9113 section 4.1: the first bit is reserved and ignored.
      stream: low & 0x7fff_ffff)
    (collected, high, low) = (0, 0, 0)
    remaining = header.length
    isInHeaders = header.type == FrameHeader.Kind.headers || header.type == FrameHeader.Kind.continuation
    if header.type == FrameHeader.Kind.headers { headerBlocks += 1 }
    expectsContinuation = isInHeaders && !header.endsHeaders
    return header
  }
}
