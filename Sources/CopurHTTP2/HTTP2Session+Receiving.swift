internal import CNGHTTP2
internal import NIOCore

extension HTTP2Session {
  /// Takes in bytes from the peer and calls the delegates with what they mean.
  ///
  /// - Parameter bytes: Bytes from the network, which are only lent.
  /// - Throws: An ``HTTP2Error`` if the connection cannot go on. What is waiting to be sent may tell the peer why.
  public func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Error) {
    guard !isClosed else {
      throw HTTP2Error(code: .connectionClosed, message: "the connection is closed and takes no bytes")
    }
    if role == .server { try watch(bytes) }
    // The bytes taken, all of them as no callback pauses, or a fatal error.
    let result = nghttp2_session_mem_recv(pointer, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    guard result == bytes.count else {
      let reason = result < 0 ? String(cString: nghttp2_strerror(Int32(result))) : "took \(result) of \(bytes.count)"
      throw HTTP2Error(.init(Self.rule(of: result), "the peer broke the rules of HTTP/2: \(reason)"))
    }
  }

  private func watch(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Error) {
    do throws(ConnectionGuard.Violation) {
      let streams = streams
      try connectionGuard?.received(bytes, isOpen: { streams[Int32($0)] != nil }, at: clock())
    } catch {
      throw HTTP2Error(error)
    }
  }

  private static func rule(of result: Int) -> HTTP2Rule {
    switch nghttp2_error(Int32(truncatingIfNeeded: result)) {
    case NGHTTP2_ERR_FLOODED: .queuedAcknowledgements
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS: .continuations
    default: .protocolError
    }
  }

  // MARK: - Events of nghttp2

  func headersBegan(_ frame: nghttp2_frame) {
    headerBlock.begin()
    guard role == .server, frame.headers.cat == NGHTTP2_HCAT_REQUEST else { return }
    streams[frame.hd.stream_id] = HTTP2Stream(id: frame.hd.stream_id, session: self, opened: clock())
  }

  func frameReceived(_ frame: nghttp2_frame) {
    let id = frame.hd.stream_id
    switch nghttp2_frame_type(UInt32(frame.hd.type)) {
    case NGHTTP2_HEADERS:
      guard let stream = streams[id] else { return }
      if role == .server, frame.headers.cat == NGHTTP2_HCAT_REQUEST { delegate?.streamOpened(stream) }
      if let headers = headerBlock.take() {
        stream.delegate?.received(headers: headers, on: stream)
      } else {
        stream.delegate?.headersTooLarge(on: stream)
      }
      if frame.endsStream { stream.delegate?.receivedEnd(on: stream) }
      if role == .server, id > configuration.lastStreamNumber { delegate?.streamNumbersUsed(id) }
    case NGHTTP2_DATA:
      guard frame.endsStream, let stream = streams[id] else { return }
      stream.delegate?.receivedEnd(on: stream)
    case NGHTTP2_RST_STREAM:
      resetReceived(id)
    case NGHTTP2_SETTINGS:
      if frame.isAcknowledgement { delegate?.settingsAcknowledged() } else { settingsReceived() }
    case NGHTTP2_PING:
      if frame.isAcknowledgement { delegate?.pingAcknowledged(frame.pingPayload) }
    case NGHTTP2_GOAWAY:
      delegate?.goAwayReceived(
        HTTP2ErrorCode(rawValue: frame.goaway.error_code),
        lastStream: frame.goaway.last_stream_id)
    default:
      break
    }
  }

  /// Takes a field of a list of headers.
  ///
  /// - Parameter isRequest: Whether the list is a request's, whose client is told if it is beyond its budget.
  /// - Returns: False if the stream is to be reset.
  func headerReceived(
    isRequest: Bool, name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    if headerBlock.isOverBudget { return true }
    connectionGuard?.payloadReceived(name.count + value.count)
    guard headerBlock.add(name: name, value: value) else {
      delegate?.streamRefused(.headerList)
      do throws(ConnectionGuard.Violation) {
        try connectionGuard?.headerListRefused(at: clock())
      } catch {
        if found == nil { found = error }
      }
      return isRequest && headerBlock.isOverBudget
    }
    return true
  }

  func dataReceived(_ data: UnsafeRawBufferPointer, stream id: Int32, endsStream: Bool) {
    connectionGuard?.payloadReceived(data.count)
    // The connection's window holds back a peer that is faster than this loop; each stream's window, one that is
    // faster than its own reader. A reader that stalls must not stall the other streams.
    nghttp2_session_consume_connection(pointer, data.count)
    guard let stream = streams[id], let delegate = stream.delegate else {
      nghttp2_session_consume_stream(pointer, id, data.count)
      return
    }
    // Tolerance ends where a client sends more than it had under way.
    if stream.toleratesLateRequest, !endsStream, nghttp2_session_get_stream_local_close(pointer, id) == 1 {
      stream.reset(.noError)
    }
    delegate.received(data: data, on: stream)
  }

  private func resetReceived(_ id: Int32) {
    // After its end it is the peer's answer to that, or costs as little as other frames that carry nothing.
    guard connectionGuard != nil, let stream = streams[id] else { return }
    let now = clock()
    guarded { guardian throws(ConnectionGuard.Violation) in
      try guardian.resetReceived(age: stream.hasResponded ? nil : now - stream.opened, at: now)
    }
  }

  /// A request came that its stream's delegate does not understand.
  func messageInvalid() {
    let now = clock()
    guarded { guardian throws(ConnectionGuard.Violation) in try guardian.messageInvalid(at: now) }
  }

  /// Has the guard judge; a violation is thrown when output is made next.
  private func guarded(_ body: (inout ConnectionGuard) throws(ConnectionGuard.Violation) -> Void) {
    guard connectionGuard != nil else { return }
    do throws(ConnectionGuard.Violation) {
      try body(&connectionGuard!)
    } catch {
      if found == nil { found = error }
    }
  }

  func streamClosed(_ id: Int32, _ code: UInt32) {
    connectionGuard?.streamClosed(UInt32(bitPattern: id))
    streams.removeValue(forKey: id)?.close(HTTP2ErrorCode(rawValue: code), error: nil)
  }

  /// A frame could not be sent. A request then never had a stream that could be closed.
  func frameNotSent(_ frame: nghttp2_frame) {
    guard frame.hd.type == UInt8(NGHTTP2_HEADERS.rawValue), frame.headers.cat == NGHTTP2_HCAT_REQUEST else { return }
    streamClosed(frame.hd.stream_id, HTTP2ErrorCode.refusedStream.rawValue)
  }

  func frameSent(_ frame: nghttp2_frame) {
    switch nghttp2_frame_type(UInt32(frame.hd.type)) {
    case NGHTTP2_HEADERS, NGHTTP2_DATA:
      if frame.hd.type == UInt8(NGHTTP2_DATA.rawValue) { dataBytesSent += frame.hd.length }
      connectionGuard?.responseSent(frame.hd.length)
      if role == .server, frame.endsStream { responseSent(frame) }
    case NGHTTP2_RST_STREAM:
      resetSent(frame.hd.stream_id, HTTP2ErrorCode(rawValue: frame.rst_stream.error_code))
    case NGHTTP2_GOAWAY:
      goAwaySent(frame.goaway)
    default:
      break
    }
  }

  private func resetSent(_ id: Int32, _ code: HTTP2ErrorCode) {
    // A stream beyond SETTINGS_MAX_CONCURRENT_STREAMS is refused before anyone hears of it.
    if code == .refusedStream, streams[id] == nil { delegate?.streamRefused(.concurrentStreams) }
    let now = clock()
    guarded { guardian throws(ConnectionGuard.Violation) in
      try guardian.resetSent(code, of: UInt32(bitPattern: id), at: now)
    }
  }

  private func goAwaySent(_ frame: nghttp2_goaway) {
    let code = HTTP2ErrorCode(rawValue: frame.error_code)
    if let payload = pingBehindAnnouncement {
      pingBehindAnnouncement = nil
      ping(payload)
    }
    guard code != .noError, violation == nil else { return }
    let reason = String(
      decoding: UnsafeBufferPointer(start: frame.opaque_data, count: frame.opaque_data_len), as: UTF8.self)
    let rule: HTTP2Rule
    switch (code, reason) {
    // These are nghttp2's reasons.
    case (.enhanceYourCalm, "SETTINGS: too many setting entries"): rule = .settingsEntries
    case (.protocolError, "request HEADERS: max concurrent streams exceeded"): rule = .concurrentStreams
    default: rule = .protocolError
    }
    violation = HTTP2Error(.init(rule, "the peer broke the rules of HTTP/2: \(code): \(reason)"))
  }

  private func responseSent(_ frame: nghttp2_frame) {
    guard streams[frame.hd.stream_id]?.toleratesLateRequest == false else { return }
    // RFC 9113 section 8.1: after a complete response, a client that goes on sending is told to stop. 0 if it does.
    guard nghttp2_session_get_stream_remote_close(pointer, frame.hd.stream_id) == 0 else { return }
    nghttp2_submit_rst_stream(
      pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), frame.hd.stream_id, HTTP2ErrorCode.noError.rawValue)
  }

  /// Ends all streams because the connection is gone.
  public func connectionClosed(error: any Error) {
    isClosed = true
    let open = streams.values.sorted { $0.id < $1.id }
    streams.removeAll()
    for stream in open { stream.close(.cancel, error: error) }
  }
}

extension nghttp2_frame {
  fileprivate var endsStream: Bool { hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 }

  fileprivate var isAcknowledgement: Bool { hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0 }

  fileprivate var pingPayload: UInt64 {
    withUnsafeBytes(of: ping.opaque_data) { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
  }
}
