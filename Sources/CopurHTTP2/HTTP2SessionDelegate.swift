/// Whoever handles a connection's streams; called on the connection's event loop.
public protocol HTTP2SessionDelegate: AnyObject {
  /// A client opened a stream. The delegate sets ``HTTP2Stream/delegate``, which is then given the headers.
  func streamOpened(_ stream: HTTP2Stream)

  /// The peer has sent its first SETTINGS, so that it speaks HTTP/2.
  func settingsReceived()

  /// The peer opens or takes no new streams.
  func goAwayReceived(_ code: HTTP2ErrorCode, lastStream: Int32)

  /// The peer has answered a PING.
  func pingAcknowledged(_ payload: UInt64)

  /// There is something to send.
  func outputWaiting()
}
