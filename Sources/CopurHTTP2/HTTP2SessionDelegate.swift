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

  /// The peer has acknowledged SETTINGS.
  func settingsAcknowledged()

  /// A stream was refused; the connection goes on.
  func streamRefused(_ rule: HTTP2Rule)

  /// The peer's stream numbers run out.
  func streamNumbersUsed(_ last: Int32)

  /// There is something to send.
  func outputWaiting()
}
