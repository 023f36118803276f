internal import CNGHTTP2
public import NIOCore

/// One HTTP/2 connection without a socket: framing, header compression and flow control by nghttp2.
///
/// Bytes go in through ``receive(_:)`` and come out through ``takeOutput(limit:)``; in between, the delegates of the
/// session and of its streams are called. Not thread-safe: a session belongs to one event loop.
public final class HTTP2Session {
  /// An end of the connection.
  public enum Role: Sendable {
    /// It opens streams of odd numbers.
    case client
    /// It answers the streams of the other end; it pushes none.
    case server
  }

  /// The end of the connection that this session is.
  public let role: Role

  /// The limits of the connection.
  public let configuration: HTTP2Configuration

  /// Whoever handles the streams that the peer opens.
  public weak var delegate: (any HTTP2SessionDelegate)?

  /// The breach of the protocol by the peer, once it has been told with GOAWAY.
  public internal(set) var violation: HTTP2Error?

  /// The streams that are not closed.
  var streams: [Int32: HTTP2Stream] = [:]

  /// The header block that is being received; HTTP/2 never interleaves two (RFC 9113 section 4.3).
  var headerBlock: HeaderBlock

  /// Bytes that have to go to the peer.
  var output = ByteBuffer()

  /// The amount of output that is made in one go.
  var outputLimit = Int.max

  /// The number of streams with data to send that the peer's windows or the socket hold back.
  package var sendingStreams = 0

  /// The number of bytes of DATA that have been sent.
  package internal(set) var dataBytesSent = 0

  /// Watches the client of a server.
  package internal(set) var connectionGuard: ConnectionGuard?

  /// The violation that the guard has found, until it is thrown.
  var found: ConnectionGuard.Violation?

  /// The PING that follows the announcement of a shutdown.
  var pingBehindAnnouncement: UInt64?

  /// The time, for the guard.
  let clock: () -> NIODeadline

  /// Whether the connection is gone, after which nothing is received or sent.
  var isClosed = false

  private(set) var pointer: OpaquePointer
  private var hasReceivedSettings = false

  /// Creates a session with its preface and SETTINGS waiting to be sent.
  ///
  /// - Parameters:
  ///   - role: Which end of the connection this is.
  ///   - configuration: The limits.
  ///   - clock: The time by which limits a second are judged.
  /// - Throws: An ``HTTP2Error`` if memory is short or nghttp2 lacks a limit.
  public init(
    role: Role,
    configuration: HTTP2Configuration = HTTP2Configuration(),
    clock: @escaping () -> NIODeadline = { .now() }
  ) throws(HTTP2Error) {
    self.role = role
    self.clock = clock
    if role == .server { connectionGuard = ConnectionGuard(configuration, at: clock()) }
    self.configuration = configuration
    self.headerBlock = HeaderBlock(
      maximumBytes: configuration.maximumHeaderListBytes,
      maximumFields: configuration.maximumHeaderFields)

    guard let callbacks = Self.callbacks else {
      throw HTTP2Error(code: .libraryFailure, message: "nghttp2_session_callbacks_new failed: out of memory")
    }
    let options = try SessionOptions(configuration)
    var session: OpaquePointer?
    // 0 on success, NGHTTP2_ERR_NOMEM on failure.
    let result =
      switch role {
      case .client: nghttp2_session_client_new2(&session, callbacks, nil, options.pointer)
      case .server: nghttp2_session_server_new2(&session, callbacks, nil, options.pointer)
      }
    guard result == 0, let session else { throw HTTP2Error(libraryCode: result, "Making a session") }
    self.pointer = session
    nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
    try submitSettings()
  }

  deinit {
    nghttp2_session_del(pointer)
  }

  private func submitSettings() throws(HTTP2Error) {
    var settings = [
      nghttp2_settings_entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, configuration.streamWindow),
      nghttp2_settings_entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, configuration.maximumHeaderListBytes),
      // RFC 9113 section 5.3.2: the priority scheme of RFC 7540 is not used.
      nghttp2_settings_entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
    ]
    switch role {
    case .server:
      settings.append(
        nghttp2_settings_entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, configuration.maximumConcurrentStreams))
    case .client:
      settings.append(nghttp2_settings_entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
    }
    // 0 on success, NGHTTP2_ERR_INVALID_ARGUMENT for a value out of range, NGHTTP2_ERR_NOMEM.
    try check(nghttp2_submit_settings(pointer, 0, settings, settings.count), "Submitting SETTINGS")
    // RFC 9113 section 6.9.2: the connection's window is no setting.
    try check(
      nghttp2_session_set_local_window_size(pointer, 0, 0, Int32(configuration.connectionWindow)),
      "Setting the connection's window")
  }

  func check(_ result: Int32, _ operation: String) throws(HTTP2Error) {
    guard result == 0 else { throw HTTP2Error(libraryCode: result, operation) }
  }

  func settingsReceived() {
    guard !hasReceivedSettings else { return }
    hasReceivedSettings = true
    delegate?.settingsReceived()
  }
}

@available(*, unavailable)
extension HTTP2Session: Sendable {}

extension HTTP2Error {
  /// An error in nghttp2's words.
  init(libraryCode: Int32, _ operation: String) {
    self.init(
      code: .libraryFailure,
      message: "\(operation) failed: \(String(cString: nghttp2_strerror(libraryCode)))")
  }
}

extension nghttp2_settings_entry {
  fileprivate init(_ identifier: nghttp2_settings_id, _ value: Int) {
    self.init(settings_id: Int32(identifier.rawValue), value: UInt32(value))
  }
}
