/// An error of an HTTP/2 connection.
public struct HTTP2Error: Error, CustomStringConvertible {
  /// The kind of failure.
  public var code: Code

  /// The rule that was broken and the value that broke it.
  public var message: String

  /// The failure underneath, if there was one.
  public var cause: (any Error)?

  /// The rule that the peer is refused for, if it is the peer's fault.
  public var rule: HTTP2Rule?

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - code: What kind of failure it was.
  ///   - message: The rule that was broken and the value that broke it.
  ///   - cause: The failure underneath, if there was one.
  public init(code: Code, message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// An error for which the peer's connection ends.
  init(_ violation: ConnectionGuard.Violation) {
    self.init(code: .peerViolation, message: violation.message)
    rule = violation.rule
  }

  public var description: String {
    guard let cause else { return "\(code): \(message)" }
    return "\(code): \(message) (cause: \(cause))"
  }

  /// The kinds of failure; more may be added.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Wrapped: String, Sendable {
      case peerViolation, connectionClosed, streamNotAllowed, invalidHeader, cannotListen, cannotConnect
      case libraryFailure
    }

    private var wrapped: Wrapped

    public var description: String { wrapped.rawValue }

    /// The peer broke the protocol so that the connection cannot go on.
    public static var peerViolation: Self { Self(wrapped: .peerViolation) }
    /// The connection is closed or closing.
    public static var connectionClosed: Self { Self(wrapped: .connectionClosed) }
    /// No new stream may be opened.
    public static var streamNotAllowed: Self { Self(wrapped: .streamNotAllowed) }
    /// A header to be sent has a name or value that HTTP/2 does not allow.
    public static var invalidHeader: Self { Self(wrapped: .invalidHeader) }
    /// The server could not listen on its address.
    public static var cannotListen: Self { Self(wrapped: .cannotListen) }
    /// The client could not connect.
    public static var cannotConnect: Self { Self(wrapped: .cannotConnect) }
    /// nghttp2 failed in a way that no input explains, such as lack of memory.
    public static var libraryFailure: Self { Self(wrapped: .libraryFailure) }
  }
}
