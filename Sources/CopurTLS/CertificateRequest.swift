internal import COpenSSL
internal import Glibc

/// A request for a certificate (PKCS #10, RFC 2986), by a party that keeps its key.
public enum CertificateRequest {
  /// Makes a key and a request for it.
  ///
  /// - Parameters:
  ///   - name: The party's name among those of its role, which the authority is told otherwise.
  ///   - keyPath: Where the key goes, readable by its owner alone; nothing may be there.
  ///   - requestPath: Where the request goes, which is no secret.
  /// - Throws: A ``TLSError`` that names the file or the rule.
  public static func make(name: String, key keyPath: String, request requestPath: String) throws(TLSError) {
    try DevelopmentCertificates.checkName(name, of: "a party")
    for path in [keyPath, requestPath] where isThere(path) {
      throw TLSError(code: .fileUnwritable, message: "\(path): a key and its request are made once (it is there)")
    }
    let key = try CertificateKey()
    guard let request = X509_REQ_new() else { throw OpenSSLErrorQueue.libraryFailure("X509_REQ_new") }
    defer { X509_REQ_free(request) }
    // RFC 2986 section 4.1: version 1 is written as 0.
    guard X509_REQ_set_version(request, 0) == 1,
      X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1,
      X509_REQ_set_pubkey(request, key.pointer) == 1, X509_REQ_sign(request, key.pointer, EVP_sha256()) > 0
    else { throw OpenSSLErrorQueue.libraryFailure("Making a request") }
    let pem = try pemBytes { PEM_write_bio_X509_REQ($0, request) }
    let directory = keyPath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    try CertificateFile.write(
      [
        CertificateFile(path: keyPath, mode: 0o600, bytes: try key.pem()),
        CertificateFile(path: requestPath, mode: 0o644, bytes: pem),
      ], in: directory.isEmpty ? "." : directory)
  }

  /// The key that a request is for; that its maker has it is checked.
  static func key(of path: String) throws(TLSError) -> CertificateKey {
    let request = try readPEM(path, "a request for a certificate") { PEM_read_bio_X509_REQ($0, nil, nil, nil) }
    defer { X509_REQ_free(request) }
    guard let key = X509_REQ_get_pubkey(request), X509_REQ_verify(request, key) == 1 else {
      OpenSSLErrorQueue.clear()
      throw TLSError(code: .malformedPEM, message: "\(path): a request is signed with the key that it is for")
    }
    return CertificateKey(pointer: key)
  }

  private static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
