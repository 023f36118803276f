internal import CNGHTTP2

extension HTTP2Session {
  /// Lends headers in nghttp2's form.
  ///
  /// - Throws: An ``HTTP2Error`` if a name or value may not be sent, which nghttp2 itself does not check.
  func withHeaders(
    _ headers: [HTTP2Header],
    _ body: (UnsafeBufferPointer<nghttp2_nv>) -> Int32
  ) throws(HTTP2Error) -> Int32 {
    var bytes: [UInt8] = []
    for header in headers {
      bytes.append(contentsOf: header.name.utf8)
      bytes.append(contentsOf: header.value.utf8)
    }
    var invalid: HTTP2Header?
    let result = bytes.withUnsafeMutableBufferPointer { bytes in
      withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: headers.count) { fields in
        var start = bytes.baseAddress
        for (index, header) in headers.enumerated() {
          let field = nghttp2_nv(
            name: start,
            value: start.map { $0 + header.name.utf8.count },
            namelen: header.name.utf8.count,
            valuelen: header.value.utf8.count,
            flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
          // RFC 9113 section 8.2.1. 1 if it is allowed.
          if nghttp2_check_header_name(field.name, field.namelen) == 0
            || nghttp2_check_header_value_rfc9113(field.value, field.valuelen) == 0
          {
            invalid = header
            return Int32(0)
          }
          fields.initializeElement(at: index, to: field)
          start = start.map { $0 + field.namelen + field.valuelen }
        }
        return body(UnsafeBufferPointer(fields))
      }
    }
    if let invalid {
      throw HTTP2Error(
        code: .invalidHeader,
        message: "a header needs a lower-case name and a value without control characters or space around it"
          + " (actual: \"\(invalid.name)\": \"\(invalid.value)\")")
    }
    return result
  }
}
