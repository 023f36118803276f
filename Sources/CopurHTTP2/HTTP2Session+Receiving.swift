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
    // The bytes taken, all of them as no callback pauses, or a fatal error.
    let result = nghttp2_session_mem_recv(pointer, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    guard result == bytes.count else {
      let reason = result < 0 ? String(cString: nghttp2_strerror(Int32(result))) : "took \(result) of \(bytes.count)"
      throw HTTP2Error(code: .peerViolation, message: "the peer broke the rules of HTTP/2: \(reason)")
    }
  }

  // MARK: - Events of nghttp2

  func headersBegan(_ frame: nghttp2_frame) {
    headerBlock.begin()
    guard role == .server, frame.headers.cat == NGHTTP2_HCAT_REQUEST else { return }
    streams[frame.hd.stream_id] = HTTP2Stream(id: frame.hd.stream_id, session: self)
  }

  func frameReceived(_ frame: nghttp2_frame) {
    let id = frame.hd.stream_id
    switch nghttp2_frame_type(UInt32(frame.hd.type)) {
    case NGHTTP2_HEADERS:
      guard let stream = streams[id] else { return }
      if role == .server, frame.headers.cat == NGHTTP2_HCAT_REQUEST { delegate?.streamOpened(stream) }
      stream.delegate?.received(headers: headerBlock.take(), on: stream)
      if frame.endsStream { stream.delegate?.receivedEnd(on: stream) }
    case NGHTTP2_DATA:
      guard frame.endsStream, let stream = streams[id] else { return }
      stream.delegate?.receivedEnd(on: stream)
    case NGHTTP2_SETTINGS:
      if !frame.isAcknowledgement { settingsReceived() }
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

  func dataReceived(_ data: UnsafeRawBufferPointer, stream id: Int32, endsStream: Bool) {
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

  func streamClosed(_ id: Int32, _ code: UInt32) {
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
      if role == .server, frame.endsStream { responseSent(frame) }
    case NGHTTP2_GOAWAY:
      let code = HTTP2ErrorCode(rawValue: frame.goaway.error_code)
      guard code != .noError else { return }
      let reason = UnsafeBufferPointer(start: frame.goaway.opaque_data, count: frame.goaway.opaque_data_len)
      violation = HTTP2Error(
        code: .peerViolation,
        message: "the peer broke the rules of HTTP/2: \(code): \(String(decoding: reason, as: UTF8.self))")
    default:
      break
    }
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
