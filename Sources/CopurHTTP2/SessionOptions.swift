internal import CNGHTTP2

/// nghttp2's options, which a session copies when it is made.
struct SessionOptions: ~Copyable {
  let pointer: OpaquePointer

  init(_ configuration: HTTP2Configuration) throws(HTTP2Error) {
    let library = try NGHTTP2Library.loaded.get()
    var options: OpaquePointer?
    // 0 on success, NGHTTP2_ERR_NOMEM on failure.
    let result = nghttp2_option_new(&options)
    guard result == 0, let options else { throw HTTP2Error(libraryCode: result, "Making options") }
    self.pointer = options
    // The application's pace decides when the peer may send more.
    nghttp2_option_set_no_auto_window_update(options, 1)
    // Closed streams are kept only for the priorities of RFC 7540.
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_max_outbound_ack(options, configuration.maximumQueuedAcknowledgements)
    nghttp2_option_set_max_settings(options, configuration.maximumSettings)
    // CVE-2023-44487: streams opened and reset at once.
    library.setStreamResetRateLimit(options, UInt64(configuration.resetBurst), UInt64(configuration.resetsPerSecond))
    // CVE-2024-28182: the largest list of headers fits a HEADERS and one CONTINUATION frame.
    library.setMaximumContinuations(options, 1)
  }

  deinit {
    nghttp2_option_del(pointer)
  }
}
