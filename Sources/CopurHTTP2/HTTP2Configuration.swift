/// The limits of a connection, most of which the peer is told in SETTINGS.
public struct HTTP2Configuration: Sendable {
  /// How many streams the peer may have open at once.
  public var maximumConcurrentStreams = 100

  /// How many bytes of a stream the peer may send ahead of the application.
  public var streamWindow = 1 << 20

  /// How many bytes of all streams the peer may send ahead.
  public var connectionWindow = 4 << 20

  /// How large a list of headers may be: names, values and 32 bytes a field (RFC 9113 section 6.5.2).
  public var maximumHeaderListBytes = 16 << 10

  /// How many fields a list of headers may have.
  public var maximumHeaderFields = 100

  /// How many RST_STREAM frames of the peer are tolerated at once.
  public var resetBurst = 200

  /// How many more are tolerated each second.
  public var resetsPerSecond = 20

  /// How many acknowledgements of PING and SETTINGS may wait for a peer that does not read.
  public var maximumQueuedAcknowledgements = 200

  /// How many frames may wait for a peer that does not read.
  public var maximumQueuedFrames = 1000

  /// How many settings a SETTINGS frame may have.
  public var maximumSettings = 16

  /// Creates the default configuration.
  public init() {}
}
