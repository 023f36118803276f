package import NIOCore

/// Judges what a client makes a server do, beyond what nghttp2 stops by itself.
///
/// A value without socket or clock: events come in with the time at which they happened, a violation comes out. The
/// connection ends at the first one.
package struct ConnectionGuard: Sendable {
  /// Why a connection has to end.
  package struct Violation: Error, Equatable {
    package var rule: HTTP2Rule
    package var message: String

    package init(_ rule: HTTP2Rule, _ message: String) {
      self.rule = rule
      self.message = message
    }
  }

  /// The number of resets that a refused list of headers counts as. One of 15 KB that stands for 60 MB takes 0.3 ms to
  /// decode, while the other connections of its event loop wait.
  package static let refusedListWeight = 10

  private let limits: HTTP2Configuration
  private var scanner = FrameScanner()
  private var resets: TokenBucket
  private var provokedResets: TokenBucket
  private var invalidMessages: TokenBucket
  private var controlFrames: TokenBucket
  private var overhead: TokenBucket
  private var emptyDataFrames = 0
  private var lastStream: UInt32 = 0
  private var endedStreams = EndedStreams()

  /// Creates the guard of a connection that has just begun.
  ///
  /// - Parameters:
  ///   - limits: The limits.
  ///   - now: The time.
  package init(_ limits: HTTP2Configuration, at now: NIODeadline) {
    self.limits = limits
    resets = TokenBucket(burst: limits.resetBurst, perSecond: limits.resetsPerSecond, at: now)
    invalidMessages = TokenBucket(
      burst: limits.invalidMessageBurst, perSecond: limits.invalidMessagesPerSecond, at: now)
    provokedResets = TokenBucket(
      burst: limits.provokedResetBurst, perSecond: limits.provokedResetsPerSecond, at: now)
    controlFrames = TokenBucket(burst: limits.controlFrameBurst, perSecond: limits.controlFramesPerSecond, at: now)
    overhead = TokenBucket(burst: limits.overheadBurst, perSecond: limits.overheadPerSecond, at: now)
  }

  /// The number of the header block that is being received, if one is.
  package var openHeaderBlock: Int? { scanner.isInsideHeaderBlock ? scanner.headerBlocks : nil }

  /// Bytes have come and nghttp2 has not seen them.
  ///
  /// - Parameters:
  ///   - bytes: The bytes.
  ///   - isOpen: Whether a stream is open.
  ///   - now: The time.
  package mutating func received(
    _ bytes: UnsafeRawBufferPointer,
    isOpen: (UInt32) -> Bool,
    at now: NIODeadline
  ) throws(Violation) {
    guard overhead.take(Double(bytes.count) / Double(limits.overheadRatio), at: now) else {
      throw Violation(
        .overhead,
        "frames have to carry something: bytes received for each byte of headers and data (max: \(limits.overheadRatio))"
      )
    }
    var rest = bytes[...]
    while let header = scanner.next(in: &rest) {
      try frameBegan(header, isOpen: isOpen, at: now)
    }
  }

  /// A frame's header has come.
  package mutating func frameBegan(
    _ header: FrameHeader,
    isOpen: (UInt32) -> Bool,
    at now: NIODeadline
  ) throws(Violation) {
    switch header.type {
    case FrameHeader.Kind.data:
      emptyDataFrames = header.length == 0 && !header.hasFirstFlag ? emptyDataFrames + 1 : 0
      guard emptyDataFrames <= limits.maximumEmptyDataFrames else {
        throw Violation(
          .emptyData,
          "DATA frames in a row that are empty and end nothing (max: \(limits.maximumEmptyDataFrames), actual: \(emptyDataFrames))"
        )
      }
      // RFC 9113 section 6.1; nghttp2 passes over it.
      guard isOpen(header.stream) || !endedStreams.isKnown(header.stream) else {
        throw Violation(.streamClosed, "a stream that has ended takes no data (actual: \(header.stream))")
      }
    case FrameHeader.Kind.priority where header.stream == 0:
      // RFC 9113 section 6.3; nghttp2 passes over PRIORITY, as the scheme is not used.
      throw Violation(.protocolError, "PRIORITY is of a stream (actual: 0)")
    case FrameHeader.Kind.headers:
      emptyDataFrames = 0
      try headersBegan(header.stream, isOpen: isOpen)
    case FrameHeader.Kind.ping where !header.hasFirstFlag:
      try countControlFrame(.pings, "PING", at: now)
    case FrameHeader.Kind.settings where !header.hasFirstFlag:
      try countControlFrame(.settings, "SETTINGS", at: now)
    default:
      break
    }
  }

  private mutating func headersBegan(_ stream: UInt32, isOpen: (UInt32) -> Bool) throws(Violation) {
    // RFC 9113 section 5.1.1: numbers grow; a lower one is a connection error, which nghttp2 overlooks.
    if stream > lastStream {
      lastStream = stream
    } else if !isOpen(stream) {
      switch endedStreams.headersCame(for: stream) {
      // RFC 9113 section 5.1: the peer had not seen that the stream was reset, and these are its request's trailers.
      case .early: return
      case .both:
        throw Violation(.streamClosed, "a stream that has ended takes no headers (actual: \(stream))")
      case nil: break
      }
      throw Violation(
        .streamNumber, "a new stream's number has to be above the last one (last: \(lastStream), actual: \(stream))")
    }
  }

  private mutating func countControlFrame(_ rule: HTTP2Rule, _ name: String, at now: NIODeadline) throws(Violation) {
    guard controlFrames.take(at: now) else {
      throw Violation(
        rule,
        "\(name) frames without a response between them (max: \(limits.controlFrameBurst) and \(limits.controlFramesPerSecond) a second)"
      )
    }
  }

  /// Headers or data have been received.
  ///
  /// - Parameter bytes: How many bytes they have, without frame headers and padding.
  package mutating func payloadReceived(_ bytes: Int) {
    overhead.give(Double(bytes))
  }

  /// Headers or data have been sent.
  ///
  /// - Parameter bytes: How many bytes the frame has.
  package mutating func responseSent(_ bytes: Int) {
    controlFrames.fill()
    overhead.give(Double(bytes))
  }

  /// A stream is closed.
  package mutating func streamClosed(_ stream: UInt32) { endedStreams.ended(stream) }

  /// RST_STREAM has come.
  ///
  /// - Parameters:
  ///   - age: How long its stream has been open without an answer; nil: it was answered.
  package mutating func resetReceived(age: TimeAmount?, at now: NIODeadline) throws(Violation) {
    guard let age, age < TimeAmount(limits.resetAge) else { return }
    guard resets.take(at: now) else { throw rapidReset("streams opened and reset") }
  }

  private func rapidReset(_ what: String) -> Violation {
    Violation(
      .rapidReset, "too many \(what) (max: \(limits.resetBurst) and \(limits.resetsPerSecond) a second)")
  }

  /// A request came that cannot be understood, and was answered.
  package mutating func messageInvalid(at now: NIODeadline) throws(Violation) {
    guard invalidMessages.take(at: now) else {
      throw Violation(
        .invalidMessages,
        "requests that cannot be understood (max: \(limits.invalidMessageBurst) and \(limits.invalidMessagesPerSecond) a second)"
      )
    }
  }

  /// RST_STREAM has been sent.
  package mutating func resetSent(_ code: HTTP2ErrorCode, of stream: UInt32, at now: NIODeadline) throws(Violation) {
    endedStreams.reset(stream)
    // RFC 9113 section 8.1: after a complete response, NO_ERROR only says that the rest of the request is not needed.
    guard code != .noError else { return }
    // Who cancels calls and opens others at once may be refused these: that is part of the same pattern.
    if code == .refusedStream {
      guard resets.take(at: now) else { throw rapidReset("streams opened and refused") }
      return
    }
    guard provokedResets.take(at: now) else {
      throw Violation(
        .provokedResets,
        "streams that the server had to reset (max: \(limits.provokedResetBurst) and \(limits.provokedResetsPerSecond) a second)"
      )
    }
  }

  /// A list of headers is beyond its budget. The rest of it is decoded all the same, since its connection's compression
  /// depends on it; so it counts as ``refusedListWeight`` resets, whether its stream is answered or reset.
  package mutating func headerListRefused(at now: NIODeadline) throws(Violation) {
    guard provokedResets.take(Double(Self.refusedListWeight), at: now) else {
      throw Violation(
        .provokedResets,
        "lists of headers beyond their budget, each as \(Self.refusedListWeight) streams that the server had to reset (max: \(limits.provokedResetBurst) and \(limits.provokedResetsPerSecond) a second)"
      )
    }
  }

  /// Output has been made, as far as the peer reads.
  ///
  /// - Parameters:
  ///   - frames: How many frames wait.
  ///   - bytes: How many bytes wait.
  package func outputWaits(frames: Int, bytes: Int) throws(Violation) {
    guard frames <= limits.maximumQueuedFrames else {
      throw Violation(
        .outboundQueue,
        "the peer has to read what it makes be sent: frames waiting (max: \(limits.maximumQueuedFrames), actual: \(frames))"
      )
    }
    guard bytes <= limits.maximumQueuedBytes else {
      throw Violation(
        .outboundQueue,
        "the peer has to read what it makes be sent: bytes waiting (max: \(limits.maximumQueuedBytes), actual: \(bytes))"
      )
    }
  }
}
