internal import COpenSSL
internal import FoundationEssentials
internal import Glibc

/// A list of certificates that are not to be believed any more (RFC 5280, section 5).
struct RevocationList: ~Copyable {
  /// The time for which a list counts; who refuses certificates by it needs a newer one then.
  private static let validity = 90.0 * 86_400

  /// The `X509_CRL`, valid as long as this value.
  private let pointer: OpaquePointer

  /// Reads the list of a file, or begins one if there is none.
  init(issuer: OpaquePointer, readingIfThere path: String) throws(TLSError) {
    pointer = try Self.pointer(issuer: issuer, readingIfThere: path)
  }

  private static func pointer(issuer: OpaquePointer, readingIfThere path: String) throws(TLSError) -> OpaquePointer {
    OpenSSLErrorQueue.clear()
    if access(path, F_OK) == 0 {
      return try readPEM(path, "a list of revoked certificates") { PEM_read_bio_X509_CRL($0, nil, nil, nil) }
    }
    guard let pointer = X509_CRL_new() else { throw OpenSSLErrorQueue.libraryFailure("X509_CRL_new") }
    // Version 2 is written as 1.
    guard X509_CRL_set_version(pointer, 1) == 1,
      X509_CRL_set_issuer_name(pointer, X509_get_subject_name(issuer)) == 1
    else {
      X509_CRL_free(pointer)
      throw OpenSSLErrorQueue.libraryFailure("Making a list of revoked certificates")
    }
    return pointer
  }

  deinit { X509_CRL_free(pointer) }

  /// Adds a certificate, if it is not in the list.
  func add(_ certificate: OpaquePointer) throws(TLSError) {
    var there: OpaquePointer?
    guard X509_CRL_get0_by_cert(pointer, &there, certificate) == 0 else { return }
    guard let entry = X509_REVOKED_new() else { throw OpenSSLErrorQueue.libraryFailure("X509_REVOKED_new") }
    let now = ASN1_TIME_set(nil, Int(Date().timeIntervalSince1970))
    defer { ASN1_TIME_free(now) }
    guard X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate)) == 1,
      X509_REVOKED_set_revocationDate(entry, now) == 1, X509_CRL_add0_revoked(pointer, entry) == 1
    else {
      X509_REVOKED_free(entry)
      throw OpenSSLErrorQueue.libraryFailure("Revoking a certificate")
    }
  }

  /// Signs the list, which counts from now.
  func sign(with key: OpaquePointer) throws(TLSError) {
    let now = Date().timeIntervalSince1970
    let (start, end) = (ASN1_TIME_set(nil, Int(now)), ASN1_TIME_set(nil, Int(now + Self.validity)))
    defer {
      ASN1_TIME_free(start)
      ASN1_TIME_free(end)
    }
    guard X509_CRL_set1_lastUpdate(pointer, start) == 1, X509_CRL_set1_nextUpdate(pointer, end) == 1,
      X509_CRL_sort(pointer) == 1, X509_CRL_sign(pointer, key, EVP_sha256()) > 0
    else { throw OpenSSLErrorQueue.libraryFailure("Signing a list of revoked certificates") }
  }

  /// The list in PEM.
  func pem() throws(TLSError) -> [UInt8] { try pemBytes { PEM_write_bio_X509_CRL($0, pointer) } }
}
