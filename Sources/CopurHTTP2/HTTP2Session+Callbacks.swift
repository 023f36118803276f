internal import CNGHTTP2

// nghttp2 calls these functions: each finds its session, makes Swift values of the arguments and calls a method.

extension HTTP2Session {
  /// The callbacks, which sessions copy. nghttp2 never writes to them.
  nonisolated(unsafe) static let callbacks: OpaquePointer? = {
    var callbacks: OpaquePointer?
    // 0 on success, NGHTTP2_ERR_NOMEM on failure.
    guard nghttp2_session_callbacks_new(&callbacks) == 0, let callbacks else { return nil }
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, onBeginHeaders)
    nghttp2_session_callbacks_set_on_header_callback(callbacks, onHeader)
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, onFrameReceived)
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onDataReceived)
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onStreamClosed)
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, onFrameNotSent)
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, onFrameSent)
    nghttp2_session_callbacks_set_send_data_callback(callbacks, sendStreamData)
    return callbacks
  }()

  fileprivate static func of(_ userData: UnsafeMutableRawPointer?) -> HTTP2Session? {
    userData.map { Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
  }
}

private typealias Frame = UnsafePointer<nghttp2_frame>
private typealias Bytes = UnsafePointer<UInt8>
private typealias UserData = UnsafeMutableRawPointer

private func onBeginHeaders(_: OpaquePointer?, frame: Frame?, userData: UserData?) -> Int32 {
  guard let session = HTTP2Session.of(userData), let frame else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
  session.headersBegan(frame.pointee)
  return 0
}

private func onHeader(
  _: OpaquePointer?, frame: Frame?, name: Bytes?, nameLength: Int, value: Bytes?, valueLength: Int, flags: UInt8,
  userData: UserData?
) -> Int32 {
  guard let session = HTTP2Session.of(userData), let frame else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
  let goesOn = session.headerReceived(
    isRequest: frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST,
    name: UnsafeBufferPointer(start: name, count: nameLength),
    value: UnsafeBufferPointer(start: value, count: valueLength))
  // The stream is reset, the connection goes on.
  return goesOn ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
}

private func onFrameReceived(_: OpaquePointer?, frame: Frame?, userData: UserData?) -> Int32 {
  guard let session = HTTP2Session.of(userData), let frame else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
  session.frameReceived(frame.pointee)
  return 0
}

private func onDataReceived(
  _: OpaquePointer?, flags: UInt8, stream: Int32, data: Bytes?, count: Int, userData: UserData?
) -> Int32 {
  guard let session = HTTP2Session.of(userData) else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
  session.dataReceived(
    UnsafeRawBufferPointer(start: data, count: count),
    stream: stream,
    endsStream: flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0)
  return 0
}

private func onStreamClosed(_: OpaquePointer?, stream: Int32, code: UInt32, userData: UserData?) -> Int32 {
  guard let session = HTTP2Session.of(userData) else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
  session.streamClosed(stream, code)
  return 0
}

private func onFrameNotSent(_: OpaquePointer?, frame: Frame?, code: Int32, userData: UserData?) -> Int32 {
  guard let session = HTTP2Session.of(userData), let frame else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
  session.frameNotSent(frame.pointee)
  return 0
}

private func onFrameSent(_: OpaquePointer?, frame: Frame?, userData: UserData?) -> Int32 {
  guard let session = HTTP2Session.of(userData), let frame else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
  session.frameSent(frame.pointee)
  return 0
}

/// Asks a stream what its next DATA frame holds.
func readStreamData(
  _: OpaquePointer?, stream: Int32, _: UnsafeMutablePointer<UInt8>?, limit: Int,
  flags: UnsafeMutablePointer<UInt32>?, _: UnsafeMutablePointer<nghttp2_data_source>?,
  userData: UnsafeMutableRawPointer?
) -> Int {
  guard let session = HTTP2Session.of(userData), let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
  return session.frameLength(stream: stream, limit: limit, flags: &flags.pointee)
}

/// Writes a DATA frame. Frames are never padded, as no padding callback is set.
private func sendStreamData(
  _: OpaquePointer?, frame: UnsafeMutablePointer<nghttp2_frame>?, header: Bytes?, count: Int,
  _: UnsafeMutablePointer<nghttp2_data_source>?, userData: UserData?
) -> Int32 {
  guard let session = HTTP2Session.of(userData), let frame else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
  // RFC 9113 section 4.1: nine bytes.
  let frameHeader = UnsafeRawBufferPointer(start: header, count: 9)
  switch session.sendData(stream: frame.pointee.hd.stream_id, frameHeader: frameHeader, count: count) {
  case true?: return 0
  case false?: return NGHTTP2_ERR_PAUSE.rawValue
  case nil: return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
  }
}
