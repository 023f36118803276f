public import CopurTLS

/// Whoever owns a connection; called on its event loop.
public protocol HTTP2ConnectionDelegate: AnyObject {
  /// TLS, if there is any, is up and streams may be opened.
  ///
  /// - Parameters:
  ///   - handler: The connection's handler.
  ///   - peer: The names in the peer's certificate, if it showed one.
  func connectionOpened(_ handler: HTTP2Handler, peer: PeerCertificate?)

  /// The peer has sent its SETTINGS, so that it speaks HTTP/2.
  func peerReady()

  /// A client opened a stream. The delegate sets ``HTTP2Stream/delegate``, which is then given the headers.
  func streamOpened(_ stream: HTTP2Stream)

  /// The peer opens or takes no new streams; open ones go on.
  func peerDraining(_ code: HTTP2ErrorCode)

  /// The connection is closed. Called once, also if TLS never came up, but not if there never was a connection.
  ///
  /// - Parameter error: Why, unless it ended in the regular way.
  func connectionClosed(_ error: (any Error)?)
}
