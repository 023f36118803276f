/// An error of loading certificates, shaking hands or protecting bytes.
public struct TLSError: Error, CustomStringConvertible {
  /// The kind of failure.
  public var code: Code

  /// The rule that was broken and the value that broke it.
  public var message: String

  /// The failure underneath, if there was one.
  public var cause: (any Error)?

  /// Whether one side refuses the other's certificate, which waiting alone does not change.
  public var refusesCertificate = false

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

  public var description: String {
    guard let cause else { return "\(code): \(message)" }
    return "\(code): \(message) (cause: \(cause))"
  }

  /// The kinds of failure; more may be added.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Wrapped: String, Sendable {
      case fileUnreadable, malformedPEM, keyMismatch, certificateNotValid, invalidName, fileUnwritable
      case handshakeFailed, handshakeTimedOut, noApplicationProtocol, malformedPeerCertificate
      case protocolViolation, closed, libraryFailure, authority
    }

    private var wrapped: Wrapped

    public var description: String { wrapped.rawValue }

    /// A file could not be opened.
    public static var fileUnreadable: Self { Self(wrapped: .fileUnreadable) }
    /// A file could not be written.
    public static var fileUnwritable: Self { Self(wrapped: .fileUnwritable) }
    /// A file does not hold the PEM object that was asked for.
    public static var malformedPEM: Self { Self(wrapped: .malformedPEM) }
    /// A private key does not belong to its certificate.
    public static var keyMismatch: Self { Self(wrapped: .keyMismatch) }
    /// A certificate's validity is over or has not begun.
    public static var certificateNotValid: Self { Self(wrapped: .certificateNotValid) }
    /// A name cannot be used in a certificate or as a file name.
    public static var invalidName: Self { Self(wrapped: .invalidName) }
    /// An authority is not one that can sign, or a certificate is another one's.
    public static var authority: Self { Self(wrapped: .authority) }
    /// The handshake failed, here or at the peer.
    public static var handshakeFailed: Self { Self(wrapped: .handshakeFailed) }
    /// The handshake took too long.
    public static var handshakeTimedOut: Self { Self(wrapped: .handshakeTimedOut) }
    /// The peer does not speak HTTP/2.
    public static var noApplicationProtocol: Self { Self(wrapped: .noApplicationProtocol) }
    /// The peer's certificate verifies but carries a name that cannot be read.
    public static var malformedPeerCertificate: Self { Self(wrapped: .malformedPeerCertificate) }
    /// The peer sent a record that is not valid.
    public static var protocolViolation: Self { Self(wrapped: .protocolViolation) }
    /// The session or the channel under it is closed.
    public static var closed: Self { Self(wrapped: .closed) }
    /// OpenSSL failed in a way that no input explains, such as lack of memory.
    public static var libraryFailure: Self { Self(wrapped: .libraryFailure) }
  }
}
