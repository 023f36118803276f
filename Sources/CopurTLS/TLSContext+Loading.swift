internal import COpenSSL
internal import Glibc

extension TLSContext {
  /// Loads a certificate chain and its key, and checks that they belong together.
  func loadIdentity(certificateChain: String, privateKey: String) throws(TLSError) {
    try Self.checkReadable(certificateChain)
    try Self.checkReadable(privateKey)
    OpenSSLErrorQueue.clear()
    // 1 on success, 0 or less on failure, the reason in the error queue.
    guard withPointer({ SSL_CTX_use_certificate_chain_file($0, certificateChain) }) == 1 else {
      throw Self.malformed(certificateChain, expected: "a certificate chain")
    }
    guard withPointer({ SSL_CTX_use_PrivateKey_file($0, privateKey, SSL_FILETYPE_PEM) }) == 1 else {
      // OpenSSL compares the key with the certificate as it loads it.
      let code = ERR_peek_last_error()
      let reason = Int32(code & 0x7F_FFFF)
      if reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH {
        throw Self.mismatch(certificateChain, privateKey)
      }
      throw Self.malformed(privateKey, expected: "an unencrypted private key")
    }
    guard withPointer({ SSL_CTX_check_private_key($0) }) == 1 else {
      throw Self.mismatch(certificateChain, privateKey)
    }
  }

  /// Checks that this side's certificate, if it has one, is valid now.
  ///
  /// - Throws: A ``TLSError`` that says since when or until when it is not.
  public func checkValidity() throws(TLSError) {
    let dates = withPointer { pointer -> (start: String, end: String, isOver: Bool, hasBegun: Bool)? in
      guard let certificate = SSL_CTX_get0_certificate(pointer) else { return nil }
      let (start, end) = (X509_get0_notBefore(certificate), X509_get0_notAfter(certificate))
      // Negative before now, positive after it, 0 if the time cannot be read.
      return (Self.text(start), Self.text(end), X509_cmp_current_time(end) <= 0, X509_cmp_current_time(start) < 0)
    }
    guard let dates, dates.isOver || !dates.hasBegun else { return }
    throw TLSError(
      code: .certificateNotValid,
      message: "the certificate is not valid now (from: \(dates.start), to: \(dates.end))")
  }

  private static func text(_ time: UnsafePointer<ASN1_TIME>?) -> String {
    guard let bio = BIO_new(BIO_s_mem()) else { return "unknown" }
    defer { BIO_free(bio) }
    guard let time, ASN1_TIME_print(bio, time) == 1 else { return "unknown" }
    var bytes: UnsafeMutablePointer<CChar>?
    let count = copur_BIO_get_mem_data(bio, &bytes)
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  /// Loads the authorities that peers' certificates have to chain to.
  func loadTrustRoots(_ path: String) throws(TLSError) {
    try Self.checkReadable(path)
    OpenSSLErrorQueue.clear()
    // 1 on success, 0 on failure.
    guard withPointer({ SSL_CTX_load_verify_file($0, path) }) == 1 else {
      throw Self.malformed(path, expected: "the certificates of the trusted authorities")
    }
    guard role == .server else { return }
    // RFC 8446 section 4.2.4: the authorities' names help a client to pick the certificate that will do.
    guard let names = SSL_load_client_CA_file(path) else {
      throw Self.malformed(path, expected: "the certificates of the trusted authorities")
    }
    withPointer { SSL_CTX_set_client_CA_list($0, names) }
  }

  /// OpenSSL's own message for a missing file names neither the file nor its role.
  private static func checkReadable(_ path: String) throws(TLSError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw TLSError(code: .fileUnreadable, message: "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    close(descriptor)
  }

  private static func malformed(_ path: String, expected: String) -> TLSError {
    TLSError(
      code: .malformedPEM,
      message: "\(path) has to hold \(expected) in PEM: \(OpenSSLErrorQueue.drain() ?? "no reason given")")
  }

  private static func mismatch(_ certificateChain: String, _ privateKey: String) -> TLSError {
    OpenSSLErrorQueue.clear()
    return TLSError(
      code: .keyMismatch,
      message: "the private key \(privateKey) does not belong to the certificate \(certificateChain)")
  }
}
