/// Why a stream or a connection ended, as RFC 9113 section 7 numbers it.
public struct HTTP2ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public var rawValue: UInt32

  /// Creates a code; peers may use numbers without a name.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Nothing went wrong.
  public static let noError = Self(rawValue: 0x0)
  /// The peer broke the protocol.
  public static let protocolError = Self(rawValue: 0x1)
  /// The endpoint failed.
  public static let internalError = Self(rawValue: 0x2)
  /// The peer sent more than its window allowed.
  public static let flowControlError = Self(rawValue: 0x3)
  /// SETTINGS were not acknowledged in time.
  public static let settingsTimeout = Self(rawValue: 0x4)
  /// A frame came for a stream that was half-closed.
  public static let streamClosed = Self(rawValue: 0x5)
  /// A frame had a wrong size.
  public static let frameSizeError = Self(rawValue: 0x6)
  /// The stream was refused before anything was done; it may be tried again.
  public static let refusedStream = Self(rawValue: 0x7)
  /// The stream is not needed any more.
  public static let cancel = Self(rawValue: 0x8)
  /// The header compression state is broken.
  public static let compressionError = Self(rawValue: 0x9)
  /// A CONNECT request's connection failed.
  public static let connectError = Self(rawValue: 0xa)
  /// The peer makes too much load.
  public static let enhanceYourCalm = Self(rawValue: 0xb)
  /// TLS is not strong enough.
  public static let inadequateSecurity = Self(rawValue: 0xc)
  /// HTTP/1.1 is required.
  public static let http11Required = Self(rawValue: 0xd)

  private static let names = [
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
  ]

  public var description: String {
    let index = Int(rawValue)
    return Self.names.indices.contains(index) ? Self.names[index] : "error code \(rawValue)"
  }
}
