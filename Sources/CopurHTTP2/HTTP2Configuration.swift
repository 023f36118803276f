/// The limits of a connection, some of which the peer is told in SETTINGS.
///
/// A client holds its server to those of nghttp2 alone; all others are a server's (``HTTP2Rule`` names them).
public struct HTTP2Configuration: Sendable {
  // MARK: Streams and data

  /// The number of streams that the peer may have open at once.
  public var maximumConcurrentStreams = 100

  /// Above this stream number a connection is drained, so that its client opens another one (2³⁰).
  public var lastStreamNumber = 1 << 30

  /// The bytes of a stream that the peer may send ahead of the application.
  public var streamWindow = 1 << 20

  /// The bytes of all streams that the peer may send ahead.
  public var connectionWindow = 4 << 20

  // MARK: Headers

  /// The largest size of a list of headers: names, values and 32 bytes a field (RFC 9113 section 6.5.2).
  public var maximumHeaderListBytes = 16 << 10

  /// The largest number of fields of a list of headers.
  public var maximumHeaderFields = 100

  // MARK: Floods

  /// The largest number of CONTINUATION frames of a list of headers (CVE-2024-28182); as many as nghttp2 takes by default.
  public var maximumContinuations = 8

  /// The number of streams that the peer may open and reset at once (CVE-2023-44487), as many as nghttp2 tolerates by
  /// default.
  ///
  /// A stream that has been answered, or open for ``resetAge``, may be reset without being counted: with as many streams
  /// at a time as there may be, that is no flood.
  public var resetBurst = 1000

  /// The number of further resets that are tolerated each second.
  public var resetsPerSecond = 33

  /// The time that a stream without an answer has to be open before its reset is nobody's fault.
  public var resetAge = Duration.seconds(1)

  /// The number of RST_STREAM frames that the peer may make the server send at once (CVE-2025-8671).
  public var provokedResetBurst = 100

  /// The number of further ones each second.
  public var provokedResetsPerSecond = 10

  /// The number of requests that cannot be understood, such as messages that are too long, that are tolerated at once.
  public var invalidMessageBurst = 100

  /// The number of further ones that are tolerated each second.
  public var invalidMessagesPerSecond = 10

  /// The number of PING and SETTINGS frames that are tolerated at once; sending a response forgives all (CVE-2019-9512,
  /// 9515).
  public var controlFrameBurst = 100

  /// The number of further ones that are tolerated each second. Keep-alive of any usual pace stays below.
  public var controlFramesPerSecond = 1

  /// The largest number of settings of a SETTINGS frame.
  public var maximumSettings = 16

  /// The largest number of DATA frames in a row that are empty and do not end their stream (CVE-2019-9518).
  public var maximumEmptyDataFrames = 1

  /// The bytes that may come for each byte of headers and data that is received or sent.
  public var overheadRatio = 8

  /// The bytes beyond that which are tolerated at once, after the division by ``overheadRatio``.
  public var overheadBurst = 1 << 20

  /// The further bytes that are tolerated each second, so that keep-alive never adds up.
  public var overheadPerSecond = 1 << 10

  // MARK: Peers that do not read

  /// The number of acknowledgements of PING and SETTINGS that may wait for a peer that does not read.
  public var maximumQueuedAcknowledgements = 200

  /// The number of frames that may wait for a peer that does not read (CVE-2019-9514).
  public var maximumQueuedFrames = 1000

  /// The bytes that may wait in a connection's output.
  public var maximumQueuedBytes = 1 << 20

  /// The time that output may wait without progress (CVE-2019-9511, 9517).
  public var writeStallTimeout = Duration.seconds(30)

  /// The bytes that are progress: the peer has to take as many in ``writeStallTimeout`` while output waits.
  public var writeStallBytes = 4 << 10

  // MARK: Time

  /// The time that the client may take to send its preface and SETTINGS.
  public var prefaceTimeout = Duration.seconds(5)

  /// The time that the peer may take to acknowledge SETTINGS (RFC 9113 section 6.5.3).
  public var settingsTimeout = Duration.seconds(10)

  /// The time that the peer may take over one list of headers.
  public var headerTimeout = Duration.seconds(5)

  /// The time that the peer may be silent: without streams the connection is then drained, with streams the peer is asked by
  /// PING whether it is still there.
  public var idleTimeout = Duration.seconds(300)

  /// The time that the peer may take to answer that PING, and the one of a drain.
  public var pingTimeout = Duration.seconds(20)

  // MARK: Connections

  /// The number of connections that a listener has at once.
  public var maximumConnections = 4096

  /// The number of them that come from one address.
  public var maximumConnectionsPerPeer = 2048

  /// The number of them that may be in their TLS handshake; above that the oldest one gives way, if it is older than
  /// ``handshakeAge``.
  public var maximumHandshakes = 2048

  /// The number of those that come from one address. Hundreds of agents may have one address, and connect at once.
  public var maximumHandshakesPerPeer = 512

  /// The age from which a TLS handshake gives way to others.
  public var handshakeAge = Duration.seconds(1)

  /// Creates the default configuration.
  public init() {}
}
