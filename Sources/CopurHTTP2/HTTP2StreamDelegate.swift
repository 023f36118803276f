public import NIOCore

/// Output that a stream has to send next.
public enum HTTP2Outbound: Sendable {
  /// The ways in which a stream's sending side ends.
  public enum End: Sendable {
    /// With the last data.
    case data
    /// With trailers behind the data.
    case trailers([HTTP2Header])
  }

  /// Nothing now; ``HTTP2Stream/resume()`` is called when there is.
  case later
  /// These bytes and, if that is all, how the stream ends.
  case chunk(ByteBuffer, end: End?)
}

/// Whoever handles a stream; called on the connection's event loop.
public protocol HTTP2StreamDelegate: AnyObject {
  /// The peer sent headers: a request's or response's, or trailers.
  func received(headers: [HTTP2Header], on stream: HTTP2Stream)

  /// The peer sent a request's headers that are beyond ``HTTP2Configuration/maximumHeaderListBytes`` or
  /// ``HTTP2Configuration/maximumHeaderFields``, in place of ``received(headers:on:)``; by default the stream is reset.
  func headersTooLarge(on stream: HTTP2Stream)

  /// The peer sent data, which is only lent. ``HTTP2Stream/consume(_:)`` has to be called for it sooner or later.
  func received(data: UnsafeRawBufferPointer, on stream: HTTP2Stream)

  /// The peer has sent all that it will.
  func receivedEnd(on stream: HTTP2Stream)

  /// The stream can send.
  func nextOutbound(on stream: HTTP2Stream) -> HTTP2Outbound

  /// The stream is over, after which no method is called any more.
  ///
  /// - Parameters:
  ///   - code: ``HTTP2ErrorCode/noError`` if both sides have ended it in the regular way.
  ///   - error: Why the whole connection ended, if that is the reason.
  func closed(_ code: HTTP2ErrorCode, error: (any Error)?)
}

extension HTTP2StreamDelegate {
  public func headersTooLarge(on stream: HTTP2Stream) { stream.reset(.internalError) }
}
