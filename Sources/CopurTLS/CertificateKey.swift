internal import COpenSSL

/// A private key on the curve P-256, made anew.
struct CertificateKey: ~Copyable {
  /// The `EVP_PKEY`, valid as long as this value.
  let pointer: OpaquePointer

  init() throws(TLSError) {
    OpenSSLErrorQueue.clear()
    guard let pointer = copur_EVP_generate_p256() else {
      throw OpenSSLErrorQueue.libraryFailure("Making a key on P-256")
    }
    self.pointer = pointer
  }

  /// - Parameter pointer: Is this value's from now on.
  init(pointer: OpaquePointer) { self.pointer = pointer }

  deinit {
    EVP_PKEY_free(pointer)
  }

  /// The key in PEM (PKCS #8), not encrypted.
  func pem() throws(TLSError) -> [UInt8] {
    try pemBytes { PEM_write_bio_PKCS8PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
  }
}

/// The bytes that a `PEM_write_bio_…` function writes.
func pemBytes(_ write: (OpaquePointer) -> Int32) throws(TLSError) -> [UInt8] {
  guard let bio = BIO_new(BIO_s_mem()) else { throw OpenSSLErrorQueue.libraryFailure("BIO_new") }
  defer { BIO_free(bio) }
  // 1 on success, 0 on failure.
  guard write(bio) == 1 else { throw OpenSSLErrorQueue.libraryFailure("Writing PEM") }
  var bytes: UnsafeMutablePointer<CChar>?
  let count = copur_BIO_get_mem_data(bio, &bytes)
  return Array(UnsafeRawBufferPointer(start: bytes, count: count))
}
