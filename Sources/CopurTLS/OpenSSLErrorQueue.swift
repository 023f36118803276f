internal import COpenSSL

/// OpenSSL's error queue, which is a property of the thread.
enum OpenSSLErrorQueue {
  /// Empties the queue. To be called before an operation whose errors will be looked at.
  static func clear() {
    ERR_clear_error()
  }

  /// Whether the last error is that a certificate was refused, by this side or, in an alert, by the peer.
  static var refusesCertificate: Bool {
    let reasons = [
      SSL_R_CERTIFICATE_VERIFY_FAILED, SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
      SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
      SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, SSL_R_TLSV1_ALERT_UNKNOWN_CA, SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
    ]
    return reasons.contains(Int32(ERR_peek_last_error() & 0x7F_FFFF))
  }

  /// Empties the queue and says what was in it, the oldest entry first, or `nil` if it was empty.
  static func drain() -> String? {
    var reasons: [String] = []
    while case let code = ERR_get_error(), code != 0 {
      let reason = ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
      // One failure often leaves the same reason at several depths.
      if reasons.last != reason { reasons.append(reason) }
    }
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }

  /// An error for a call that fails only for lack of memory or the like.
  static func libraryFailure(_ operation: String) -> TLSError {
    TLSError(code: .libraryFailure, message: "\(operation) failed: \(drain() ?? "no reason given")")
  }
}
