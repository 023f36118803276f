internal import COpenSSL
internal import FoundationEssentials
internal import Glibc

/// Reads an object of a PEM file.
///
/// - Parameters:
///   - what: What the file has to hold, for the message.
///   - read: A `PEM_read_bio_…` function: the object, which the caller owns, or nil.
func readPEM(
  _ path: String, _ what: String, _ read: (OpaquePointer) -> OpaquePointer?
) throws(TLSError) -> OpaquePointer {
  OpenSSLErrorQueue.clear()
  guard let bio = BIO_new_file(path, "r") else {
    let reason = String(cString: strerror(errno))
    OpenSSLErrorQueue.clear()
    throw TLSError(code: .fileUnreadable, message: "cannot open \(path): \(reason)")
  }
  defer { BIO_free(bio) }
  guard let object = read(bio) else {
    throw TLSError(
      code: .malformedPEM,
      message: "\(path) has to hold \(what) in PEM: \(OpenSSLErrorQueue.drain() ?? "no reason given")")
  }
  return object
}

extension Certificate {
  /// Reads the first certificate of a PEM file.
  init(reading path: String) throws(TLSError) {
    self.init(owning: try readPEM(path, "a certificate") { PEM_read_bio_X509($0, nil, nil, nil) })
  }

  /// The time at which it ends to be valid.
  func notAfter() throws(TLSError) -> Date { try PeerCertificate.notAfter(pointer) }

  /// Whether it has these alternative names, in OpenSSL's notation, and no others.
  func hasAlternativeNames(_ names: String) throws(TLSError) -> Bool {
    guard let wanted = X509V3_EXT_conf_nid(nil, nil, NID_subject_alt_name, names) else {
      throw OpenSSLErrorQueue.libraryFailure("Reading the names \(names)")
    }
    defer { X509_EXTENSION_free(wanted) }
    guard let actual = X509_get_ext(pointer, X509_get_ext_by_NID(pointer, NID_subject_alt_name, -1)) else {
      return false
    }
    return ASN1_STRING_cmp(X509_EXTENSION_get_data(wanted), X509_EXTENSION_get_data(actual)) == 0
  }
}

extension CertificateKey {
  /// Reads a private key that is not encrypted.
  init(reading path: String) throws(TLSError) {
    // Without the function, OpenSSL asks for the passphrase of an encrypted key on the terminal.
    self.init(
      pointer: try readPEM(path, "an unencrypted private key") {
        PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in 0 }, nil)
      })
  }
}
