internal import COpenSSL

/// A protocol that is spoken inside TLS; negotiated with ALPN.
public enum ApplicationProtocol: String, Sendable {
  /// HTTP/1.1 (RFC 7301 section 6).
  case http1 = "http/1.1"
  /// HTTP/2 (RFC 9113 section 3.1).
  case http2 = "h2"

  /// RFC 7301 section 3.1: each name behind its length.
  var wire: [UInt8] { [UInt8(rawValue.utf8.count)] + rawValue.utf8 }

  /// Picks this protocol from the names that a client offers.
  ///
  /// - Returns: What OpenSSL's ALPN callback returns.
  func select(
    from names: UnsafeBufferPointer<UInt8>,
    _ selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ selectedLength: UnsafeMutablePointer<UInt8>?
  ) -> Int32 {
    var start = 0
    while start < names.count {
      let length = Int(names[start])
      let end = start + 1 + length
      guard end <= names.count else { break }
      if names[start + 1..<end].elementsEqual(rawValue.utf8) {
        selected?.pointee = names.baseAddress.map { $0 + start + 1 }
        selectedLength?.pointee = UInt8(length)
        return SSL_TLSEXT_ERR_OK
      }
      start = end
    }
    // RFC 7301 section 3.2: no protocol in common ends the handshake.
    return SSL_TLSEXT_ERR_ALERT_FATAL
  }
}
