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
    // CVE-2023-44487: the guard counts resets, and tells rapid ones from others; nghttp2 would end the connection with
    // INTERNAL_ERROR.
    library.setStreamResetRateLimit(options, 1 << 40, 1 << 40)
    // CVE-2024-28182: what they carry is bounded by the budget of a list of headers.
    library.setMaximumContinuations(options, configuration.maximumContinuations)
  }

  deinit {
    nghttp2_option_del(pointer)
  }
}
