internal import CNGHTTP2
public import NIOCore

extension HTTP2Session {
  /// Opens a stream with a request.
  ///
  /// Above the number of streams that the server allows, the request waits inside the session.
  ///
  /// - Parameters:
  ///   - headers: The request's headers, pseudo-headers first.
  ///   - endStream: Whether there is no body.
  ///   - delegate: Whoever handles the stream.
  /// - Throws: An ``HTTP2Error`` if a header is not valid or the connection takes no new streams.
  public func openStream(
    _ headers: [HTTP2Header],
    endStream: Bool,
    delegate: any HTTP2StreamDelegate
  ) throws(HTTP2Error) -> HTTP2Stream {
    // 1 unless GOAWAY was sent or received, or the numbers are used up.
    guard nghttp2_session_check_request_allowed(pointer) == 1 else {
      throw HTTP2Error(code: .streamNotAllowed, message: "the connection is draining and takes no new streams")
    }
    let id = nghttp2_session_get_next_stream_id(pointer)
    guard id <= UInt32(Int32.max) else {
      throw HTTP2Error(code: .streamNotAllowed, message: "the connection has used all stream numbers (max: 2147483647)")
    }
    let stream = HTTP2Stream(id: Int32(id), session: self, opened: clock())
    stream.delegate = delegate
    let result = try withHeaders(headers) { fields in
      withUnsafePointer(to: Self.dataProvider) { provider in
        nghttp2_submit_request(pointer, nil, fields.baseAddress, fields.count, endStream ? nil : provider, nil)
      }
    }
    // The stream's number, or NGHTTP2_ERR_NOMEM, NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE, NGHTTP2_ERR_PROTO.
    guard result == stream.id else { throw HTTP2Error(libraryCode: result, "Submitting a request") }
    streams[result] = stream
    outputWaiting()
    return stream
  }

  func submitResponse(on stream: HTTP2Stream, _ headers: [HTTP2Header], endStream: Bool) throws(HTTP2Error) {
    let result = try withHeaders(headers) { fields in
      withUnsafePointer(to: Self.dataProvider) { provider in
        nghttp2_submit_response(pointer, stream.id, fields.baseAddress, fields.count, endStream ? nil : provider)
      }
    }
    // 0, or NGHTTP2_ERR_NOMEM, NGHTTP2_ERR_INVALID_ARGUMENT, NGHTTP2_ERR_DATA_EXIST (twice), NGHTTP2_ERR_PROTO.
    try check(result, "Submitting a response")
    outputWaiting()
  }

  func resume(_ stream: HTTP2Stream) {
    // 0, or NGHTTP2_ERR_INVALID_ARGUMENT when nothing is deferred: then nghttp2 asks by itself.
    nghttp2_session_resume_data(pointer, stream.id)
    outputWaiting()
  }

  func submitReset(of stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
    // 0, or NGHTTP2_ERR_NOMEM. A stream that is idle or closed is left alone.
    nghttp2_submit_rst_stream(pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code.rawValue)
    outputWaiting()
  }

  func consume(_ count: Int, of stream: HTTP2Stream) {
    // 0, or NGHTTP2_ERR_NOMEM. WINDOW_UPDATE is sent when half of the window is used.
    nghttp2_session_consume_stream(pointer, stream.id, count)
    outputWaiting()
  }

  /// Sends PING; ``HTTP2SessionDelegate/pingAcknowledged(_:)`` is called with the same payload.
  public func ping(_ payload: UInt64) {
    withUnsafeBytes(of: payload.bigEndian) {
      _ = nghttp2_submit_ping(pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), $0.baseAddress)
    }
    outputWaiting()
  }

  /// Says that no new streams will be taken soon; those on their way still are (RFC 9113 section 6.8).
  ///
  /// - Parameter ping: The payload of a PING behind it: who answers it has seen the announcement.
  public func announceShutdown(ping: UInt64) {
    guard role == .server else { return }
    // nghttp2 sends PING before all that waits, so it is submitted when GOAWAY has been sent.
    pingBehindAnnouncement = ping
    nghttp2_submit_shutdown_notice(pointer)
    outputWaiting()
  }

  /// Says that no new streams are taken from now on. Open ones go on.
  public func shutDown() {
    nghttp2_submit_goaway(
      pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(pointer),
      HTTP2ErrorCode.noError.rawValue, nil, 0)
    outputWaiting()
  }

  /// Tells the peer why its connection ends (RFC 9113 section 5.4.1); ``takeOutput(limit:)`` gives the GOAWAY.
  ///
  /// - Parameters:
  ///   - code: The kind of failure.
  ///   - reason: For whoever looks at the peer's log.
  public func terminate(_ code: HTTP2ErrorCode, reason: String) {
    found = nil
    let bytes = Array(reason.utf8)
    // 0, or NGHTTP2_ERR_NOMEM.
    nghttp2_submit_goaway(
      pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(pointer), code.rawValue,
      bytes, bytes.count)
  }

  /// The number of bytes that wait for ``takeOutput(limit:)``.
  package var outputBytes: Int { output.readableBytes }

  /// Whether streams are open.
  public var hasStreams: Bool { !streams.isEmpty }

  /// Whether nothing more will be sent or read, so that the connection can be closed.
  public var isFinished: Bool {
    nghttp2_session_want_read(pointer) == 0 && nghttp2_session_want_write(pointer) == 0
  }

  /// The number of frames that wait because the peer does not read.
  public var queuedFrames: Int {
    nghttp2_session_get_outbound_queue_size(pointer)
  }

  /// Has frames made until about `limit` bytes wait; ``takeOutput(limit:)`` takes them.
  ///
  /// - Parameter limit: About how many bytes may wait.
  /// - Throws: An ``HTTP2Error`` if nghttp2 cannot go on.
  public func makeOutput(limit: Int) throws(HTTP2Error) {
    guard !isClosed else { return }
    outputLimit = limit
    while output.readableBytes < limit {
      var bytes: UnsafePointer<UInt8>?
      // The bytes of a frame, 0 when there are none or a DATA frame was written by `sendData`, or a fatal error.
      let before = output.readableBytes
      let count = nghttp2_session_mem_send(pointer, &bytes)
      guard count >= 0 else { throw HTTP2Error(libraryCode: Int32(count), "Making frames") }
      if count > 0 { output.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count)) }
      if let violation = found {
        found = nil
        throw HTTP2Error(violation)
      }
      if output.readableBytes == before { break }
    }
  }

  /// Takes what has to go to the peer.
  ///
  /// - Parameter limit: About how many bytes to take.
  /// - Returns: The bytes, or `nil` if there is nothing to send.
  /// - Throws: An ``HTTP2Error`` if nghttp2 cannot go on.
  public func takeOutput(limit: Int = .max) throws(HTTP2Error) -> ByteBuffer? {
    try makeOutput(limit: limit)
    guard output.readableBytes > 0 else { return nil }
    defer { output = ByteBuffer() }
    return output
  }

  private func outputWaiting() {
    delegate?.outputWaiting()
  }

  // MARK: - Events of nghttp2

  /// Decides a DATA frame's length and flags.
  func frameLength(stream id: Int32, limit: Int, flags: inout UInt32) -> Int {
    guard let stream = streams[id] else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
    switch stream.nextFrame(limit: limit) {
    case .later:
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    case .data(let count, let end):
      flags |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
      switch end {
      case nil:
        break
      case .data:
        flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
      case .trailers(let trailers):
        flags |= NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
        let result = try? withHeaders(trailers) { nghttp2_submit_trailer(pointer, id, $0.baseAddress, $0.count) }
        // Without its trailers the stream would never end, so it is reset.
        guard result == 0 else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
      }
      return count
    }
  }

  /// Writes a DATA frame straight to the output.
  ///
  /// - Returns: Whether more may be written before the output is taken, `nil` if there is no such stream.
  func sendData(stream id: Int32, frameHeader: UnsafeRawBufferPointer, count: Int) -> Bool? {
    guard let stream = streams[id] else { return nil }
    output.reserveCapacity(minimumWritableBytes: frameHeader.count + count)
    output.writeBytes(frameHeader)
    stream.takeFrame(count, into: &output)
    return output.readableBytes < outputLimit
  }

  private static var dataProvider: nghttp2_data_provider {
    nghttp2_data_provider(source: nghttp2_data_source(ptr: nil), read_callback: readStreamData)
  }
}
