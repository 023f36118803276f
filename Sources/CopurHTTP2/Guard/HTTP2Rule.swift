/// A rule for whose breach a peer is refused. The raw value names the rule's counter and stands in the log.
public enum HTTP2Rule: String, CaseIterable, Hashable, Sendable {
  // Before a connection is one.
  /// More unfinished TLS handshakes than ``HTTP2Configuration/maximumHandshakes``: the oldest one gives way.
  case handshakes
  /// More of them from one address than ``HTTP2Configuration/maximumHandshakesPerPeer``.
  case handshakesPerPeer = "handshakes-per-peer"
  /// More connections than ``HTTP2Configuration/maximumConnections``.
  case connections
  /// More connections from one address than ``HTTP2Configuration/maximumConnectionsPerPeer``.
  case connectionsPerPeer = "connections-per-peer"
  /// The TLS handshake took too long.
  case handshakeTimeout = "handshake-timeout"
  /// The TLS handshake failed: no certificate, another authority, an old version.
  case handshakeFailed = "handshake-failed"
  /// The peer broke the rules of TLS after the handshake.
  case tls

  // Time.
  /// No preface and SETTINGS in time.
  case prefaceTimeout = "preface-timeout"
  /// SETTINGS were not acknowledged in time.
  case settingsTimeout = "settings-timeout"
  /// A list of headers was not complete in time.
  case headerTimeout = "header-timeout"
  /// The peer was silent for too long, or is gone.
  case idle
  /// The peer did not take what was sent.
  case writeStall = "write-stall"

  // Floods.
  /// Streams opened and reset at once.
  case rapidReset = "rapid-reset"
  /// The peer made the server reset streams.
  case provokedResets = "provoked-resets"
  /// Requests that cannot be understood, such as messages that are too long or begun without end.
  case invalidMessages = "invalid-messages"
  /// A list of headers in too many frames.
  case continuations
  /// A list of headers beyond its budget; costs the stream.
  case headerList = "header-list"
  /// PING after PING.
  case pings
  /// SETTINGS after SETTINGS.
  case settings
  /// Too many settings in a frame.
  case settingsEntries = "settings-entries"
  /// Acknowledgements wait for a peer that does not read.
  case queuedAcknowledgements = "queued-acknowledgements"
  /// Frames or bytes wait for a peer that does not read.
  case outboundQueue = "outbound-queue"
  /// Empty DATA frames in a row.
  case emptyData = "empty-data"
  /// Frames that carry next to nothing.
  case overhead

  // Streams.
  /// More streams at once than SETTINGS allow; costs the stream, and the connection once they were acknowledged.
  case concurrentStreams = "concurrent-streams"
  /// More work at once than streams are allowed, because reset streams' work goes on; costs the stream.
  case unfinishedWork = "unfinished-work"
  /// A stream number that is below the last one.
  case streamNumber = "stream-number"
  /// Headers or data for a stream that both sides had ended.
  case streamClosed = "stream-closed"
  /// The stream numbers run out: the connection is drained.
  case streamNumbersUsed = "stream-numbers-used"

  /// Any other breach of HTTP/2.
  case protocolError = "protocol-error"
}
