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

  /// Checks that this side's certificate, if it has one, and those that it trusts are valid now.
  ///
  /// - Returns: What is worth a warning: authorities that are not valid beside others that are, and a certificate of this
  ///   side that ends within a week.
  /// - Throws: A ``TLSError`` that says since when or until when this side's certificate, or every trusted one, is not.
  @discardableResult
  public func checkValidity() throws(TLSError) -> [String] {
    var warnings: [String] = []
    let own = withPointer { SSL_CTX_get0_certificate($0).map(Validity.init) }
    if let own {
      guard own.isNow else {
        throw TLSError(code: .certificateNotValid, message: "the certificate is not valid now (\(own))")
      }
      if own.endsWithinAWeek { warnings.append("the certificate ends within a week (\(own))") }
    }
    let trusted = withPointer { pointer -> [Validity] in
      guard let objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(pointer)) else { return [] }
      return (0..<copur_X509_OBJECT_count(objects)).compactMap {
        X509_OBJECT_get0_X509(copur_X509_OBJECT_get(objects, $0)).map(Validity.init)
      }
    }
    let invalid = trusted.filter { !$0.isNow }
    guard invalid.isEmpty || invalid.count < trusted.count else {
      throw TLSError(
        code: .certificateNotValid,
        message: "no certificate that is trusted is valid now, so that every peer would be refused (\(invalid[0]))")
    }
    return warnings + invalid.map { "a certificate that is trusted is not valid now (\($0))" }
  }

  /// The time for which a certificate is valid, compared with now.
  private struct Validity: CustomStringConvertible {
    let isNow: Bool
    let endsWithinAWeek: Bool
    let description: String

    init(_ certificate: OpaquePointer) {
      let (start, end) = (X509_get0_notBefore(certificate), X509_get0_notAfter(certificate))
      // Negative before now, positive after it, 0 if the time cannot be read.
      isNow = X509_cmp_current_time(start) < 0 && X509_cmp_current_time(end) > 0
      var inAWeek = time(nil) + 7 * 86_400
      endsWithinAWeek = X509_cmp_time(end, &inAWeek) <= 0
      description = "\(TLSContext.name(certificate)), from: \(TLSContext.text(start)), to: \(TLSContext.text(end))"
    }
  }

  /// The subject, on one line.
  private static func name(_ certificate: OpaquePointer) -> String {
    guard let bio = BIO_new(BIO_s_mem()) else { return "unknown" }
    defer { BIO_free(bio) }
    guard copur_X509_NAME_print(bio, X509_get_subject_name(certificate)) >= 0 else { return "unknown" }
    return content(bio)
  }

  private static func content(_ bio: OpaquePointer) -> String {
    var bytes: UnsafeMutablePointer<CChar>?
    let count = copur_BIO_get_mem_data(bio, &bytes)
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  private static func text(_ time: UnsafePointer<ASN1_TIME>?) -> String {
    guard let bio = BIO_new(BIO_s_mem()) else { return "unknown" }
    defer { BIO_free(bio) }
    guard let time, ASN1_TIME_print(bio, time) == 1 else { return "unknown" }
    return content(bio)
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

  /// Loads lists of revoked certificates. From then on a peer's certificate counts only if its authority has a list that is
  /// valid now and does not name it: who cannot know is safe to refuse.
  func loadRevocations(_ path: String) throws(TLSError) {
    try Self.checkReadable(path)
    OpenSSLErrorQueue.clear()
    let isLoaded = withPointer { pointer -> Bool in
      let store = SSL_CTX_get_cert_store(pointer)
      guard let lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file()),
        X509_load_crl_file(lookup, path, X509_FILETYPE_PEM) > 0
      else { return false }
      return X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK)) == 1
    }
    guard isLoaded else { throw Self.malformed(path, expected: "lists of revoked certificates") }
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
