/// The streams that ended last, and whether the peer may still send headers for them.
struct EndedStreams: Sendable {
  /// The ways in which a stream ends.
  enum End {
    /// The server reset it, which the peer may not have seen.
    case early
    /// Otherwise: the peer knows.
    case both
  }

  /// The number of streams that are remembered: far more than are on their way at a time.
  private static let capacity = 512

  /// A ring; a number is negative if the server reset the stream, 0 is none.
  private var streams: [Int32] = []
  private var next = 0

  /// The server reset a stream, which is closed now or will be.
  mutating func reset(_ stream: UInt32) {
    if let known = streams.lastIndex(of: Int32(bitPattern: stream)) {
      streams[known] = -Int32(bitPattern: stream)
    } else {
      append(-Int32(bitPattern: stream))
    }
  }

  /// A stream is closed.
  mutating func ended(_ stream: UInt32) {
    // The newest ones are nearly always those that are asked for.
    guard !streams.contains(-Int32(bitPattern: stream)) else { return }
    append(Int32(bitPattern: stream))
  }

  /// Headers came for a stream that is not open.
  ///
  /// - Returns: How it ended; nil: it is not known. Once only after it was reset: a request has one list of trailers.
  mutating func headersCame(for stream: UInt32) -> End? {
    if let index = streams.firstIndex(of: -Int32(bitPattern: stream)) {
      streams[index] = Int32(bitPattern: stream)
      return .early
    }
    return streams.contains(Int32(bitPattern: stream)) ? .both : nil
  }

  /// Whether a stream has ended and its peer knows.
  func isKnown(_ stream: UInt32) -> Bool { streams.contains(Int32(bitPattern: stream)) }

  private mutating func append(_ entry: Int32) {
    if streams.count < Self.capacity {
      streams.append(entry)
    } else {
      streams[next] = entry
      next = (next + 1) % Self.capacity
    }
  }
}
