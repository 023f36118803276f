internal import CNGHTTP2
internal import NIOCore

/// One request and its response. Belongs to its connection's event loop.
public final class HTTP2Stream {
  /// The stream's number (RFC 9113 section 5.1.1).
  public let id: Int32

  /// Whoever handles the stream; let go when it is closed.
  public var delegate: (any HTTP2StreamDelegate)?

  /// Whether a client that goes on sending after the response may end its request in peace.
  ///
  /// By default it is told to stop at once, which gRPC clients expect; others lose the response over it.
  public var toleratesLateRequest = false

  /// Whether both sides are done.
  public internal(set) var isClosed = false

  /// Whether data that the delegate gave waits for the peer's window.
  public var hasUnsentData: Bool { outbound.readableBytes > 0 }

  /// The time at which its first headers came, or went.
  let opened: NIODeadline

  /// Whether a response has begun.
  private(set) var hasResponded = false

  private weak var session: HTTP2Session?
  /// Bytes that the delegate gave and that the peer has not been sent.
  private var outbound = ByteBuffer()
  private var end: HTTP2Outbound.End?
  /// Whether nghttp2 asks for data only after it is told to.
  private var isDeferred = false
  /// Whether data is to be sent as soon as the peer takes it.
  private var isSending = false {
    didSet { if isSending != oldValue { session?.sendingStreams += isSending ? 1 : -1 } }
  }

  init(id: Int32, session: HTTP2Session, opened: NIODeadline) {
    self.id = id
    self.opened = opened
    self.session = session
  }

  /// Sends a response's headers. The data behind them is asked of the delegate.
  ///
  /// - Parameters:
  ///   - headers: The headers, `:status` first.
  ///   - endStream: Whether that is all.
  /// - Throws: An ``HTTP2Error`` if a header is not valid or a response was sent already.
  public func respond(_ headers: [HTTP2Header], endStream: Bool) throws(HTTP2Error) {
    guard let session, !isClosed else { return }
    try session.submitResponse(on: self, headers, endStream: endStream)
    hasResponded = true
    isSending = !endStream
  }

  /// Says that the delegate has something to send again.
  public func resume() {
    guard let session, !isClosed, isDeferred else { return }
    isDeferred = false
    isSending = true
    session.resume(self)
  }

  /// Ends the stream at once, in both directions.
  public func reset(_ code: HTTP2ErrorCode) {
    guard let session, !isClosed else { return }
    session.submitReset(of: self, code)
  }

  /// Ends a stream of which nothing has been done, and says for which rule. The client may try again.
  public func refuse(_ rule: HTTP2Rule) {
    guard let session, !isClosed else { return }
    session.delegate?.streamRefused(rule)
    session.submitReset(of: self, .refusedStream)
  }

  /// Says that the request cannot be understood: a peer that sends many such is closed.
  public func messageInvalid() {
    guard let session, !isClosed else { return }
    session.messageInvalid()
  }

  /// Gives the peer credit for data that it sent (RFC 9113 section 5.2).
  ///
  /// - Parameter count: How many bytes have been dealt with.
  public func consume(_ count: Int) {
    guard let session, !isClosed, count > 0 else { return }
    session.consume(count, of: self)
  }

  /// The decision of `nextFrame`.
  enum FrameContent {
    case later
    case data(count: Int, end: HTTP2Outbound.End?)
  }

  /// Decides what the next DATA frame holds, at most `limit` bytes.
  func nextFrame(limit: Int) -> FrameContent {
    if outbound.readableBytes == 0, end == nil {
      switch delegate?.nextOutbound(on: self) ?? .later {
      case .later:
        isDeferred = true
        isSending = false
        return .later
      case .chunk(let bytes, let end):
        outbound = bytes
        self.end = end
      }
    }
    let count = min(limit, outbound.readableBytes)
    guard count > 0 || end != nil else {
      isDeferred = true
      isSending = false
      return .later
    }
    let end = count == outbound.readableBytes ? end : nil
    if end != nil { isSending = false }
    return .data(count: count, end: end)
  }

  /// Moves what `nextFrame` promised into `output`.
  func takeFrame(_ count: Int, into output: inout ByteBuffer) {
    outbound.readWithUnsafeReadableBytes { bytes in
      output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      return count
    }
  }

  func close(_ code: HTTP2ErrorCode, error: (any Error)?) {
    guard !isClosed else { return }
    isClosed = true
    isSending = false
    let delegate = delegate
    self.delegate = nil
    outbound = ByteBuffer()
    delegate?.closed(code, error: error)
  }
}

@available(*, unavailable)
extension HTTP2Stream: Sendable {}
