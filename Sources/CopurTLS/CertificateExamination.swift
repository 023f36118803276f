internal import COpenSSL
package import FoundationEssentials
internal import Glibc

/// A certificate of a file as an operator looks at it: names, times, and whether it would be believed.
///
/// A service refuses a bad certificate when it begins; here each property is asked for by itself, so that all that is wrong
/// can be said at once.
package struct CertificateExamination: ~Copyable {
  /// The file.
  package let path: String
  private let certificate: Certificate

  /// Reads the first certificate of a PEM file.
  ///
  /// - Throws: A ``TLSError`` that names the file.
  package init(reading path: String) throws(TLSError) {
    self.path = path
    certificate = try Certificate(reading: path)
  }

  /// The names in it.
  package func names() throws(TLSError) -> PeerCertificate { try PeerCertificate(certificate.pointer) }

  /// From when until when it is valid.
  package func validity() throws(TLSError) -> (from: Date, to: Date) {
    (try Self.date(X509_get0_notBefore(certificate.pointer), path), try certificate.notAfter())
  }

  /// Whether a client that connects to a host name or address takes it for that server's.
  package func isFor(host: String) -> Bool {
    X509_check_host(certificate.pointer, host, host.utf8.count, 0, nil) == 1
      || X509_check_ip_asc(certificate.pointer, host, 0) == 1
  }

  /// Whether a private key belongs to it.
  ///
  /// - Throws: A ``TLSError`` if the key's file cannot be read or is encrypted.
  package func belongs(toKey key: String) throws(TLSError) -> Bool {
    let key = try CertificateKey(reading: key)
    defer { OpenSSLErrorQueue.clear() }
    return X509_check_private_key(certificate.pointer, key.pointer) == 1
  }

  /// Why it would not be believed at a time; nil if it would.
  ///
  /// - Parameters:
  ///   - trustRoots: A PEM file with the authorities that are trusted.
  ///   - isServer: Whether it is shown by a server, else by a client.
  ///   - time: When.
  /// - Throws: A ``TLSError`` if a file cannot be read.
  package func distrust(
    by trustRoots: String, isServer: Bool, at time: Date
  ) throws(TLSError) -> String? {
    guard let store = X509_STORE_new(), let context = X509_STORE_CTX_new() else {
      throw OpenSSLErrorQueue.libraryFailure("X509_STORE_new")
    }
    defer {
      X509_STORE_CTX_free(context)
      X509_STORE_free(store)
      OpenSSLErrorQueue.clear()
    }
    guard X509_STORE_load_file(store, trustRoots) == 1 else {
      throw TLSError(
        code: .malformedPEM,
        message: "\(trustRoots) has to hold the certificates of the trusted authorities in PEM: "
          + "\(OpenSSLErrorQueue.drain() ?? "no reason given")")
    }
    let intermediates = try Self.intermediates(of: path)
    defer { copur_X509_stack_free(intermediates) }
    guard X509_STORE_CTX_init(context, store, certificate.pointer, intermediates) == 1 else {
      throw OpenSSLErrorQueue.libraryFailure("X509_STORE_CTX_init")
    }
    X509_STORE_CTX_set_time(context, 0, Int(time.timeIntervalSince1970))
    X509_STORE_CTX_set_purpose(context, isServer ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT)
    // 1 if it verifies; else the reason is in the context.
    guard X509_verify_cert(context) != 1 else { return nil }
    return String(cString: X509_verify_cert_error_string(Int(X509_STORE_CTX_get_error(context))))
  }

  /// The certificates of a file after the first.
  private static func intermediates(of path: String) throws(TLSError) -> OpaquePointer? {
    guard let stack = copur_X509_stack_new() else { throw OpenSSLErrorQueue.libraryFailure("sk_X509_new_null") }
    for (index, certificate) in try objects(of: path, { PEM_read_bio_X509($0, nil, nil, nil) }).enumerated() {
      if index == 0 { X509_free(certificate) } else { copur_X509_stack_push(stack, certificate) }
    }
    return stack
  }

  /// The word of a list of revoked certificates about this one.
  package struct Revocation: Sendable, Hashable {
    /// Whether it names it.
    package var isRevoked: Bool
    /// The time at which the list was made.
    package var from: Date
    /// Until when it counts; nil if it does not say.
    package var to: Date?
  }

  /// Looks for it in the lists of revoked certificates of a file.
  ///
  /// - Parameters:
  ///   - lists: A PEM file with a list an authority.
  ///   - trustRoots: A PEM file with the authorities.
  /// - Returns: What the list of its authority says; nil if there is none that this authority has signed.
  /// - Throws: A ``TLSError`` if a file cannot be read.
  package func revocation(by lists: String, of trustRoots: String) throws(TLSError) -> Revocation? {
    // The first one is read for what is wrong with the file.
    X509_CRL_free(try readPEM(lists, "a list of revoked certificates") { PEM_read_bio_X509_CRL($0, nil, nil, nil) })
    let authorities = try Self.objects(of: trustRoots) { PEM_read_bio_X509($0, nil, nil, nil) }
    let found = try Self.objects(of: lists) { PEM_read_bio_X509_CRL($0, nil, nil, nil) }
    defer {
      for pointer in authorities { X509_free(pointer) }
      for pointer in found { X509_CRL_free(pointer) }
      OpenSSLErrorQueue.clear()
    }
    let issuer = X509_get_issuer_name(certificate.pointer)
    // Two authorities may have one name: a list is of who has signed it.
    let list = found.first { list in
      X509_NAME_cmp(X509_CRL_get_issuer(list), issuer) == 0
        && authorities.contains { authority in
          X509_NAME_cmp(X509_get_subject_name(authority), issuer) == 0
            && X509_CRL_verify(list, X509_get0_pubkey(authority)) == 1
        }
    }
    guard let list else { return nil }
    var entry: OpaquePointer?
    let to = X509_CRL_get0_nextUpdate(list)
    return Revocation(
      isRevoked: X509_CRL_get0_by_cert(list, &entry, certificate.pointer) != 0,
      from: try Self.date(X509_CRL_get0_lastUpdate(list), lists), to: to == nil ? nil : try Self.date(to, lists))
  }

  /// All objects of a PEM file, which the caller owns.
  private static func objects(
    of path: String, _ read: (OpaquePointer) -> OpaquePointer?
  ) throws(TLSError) -> [OpaquePointer] {
    guard let bio = BIO_new_file(path, "r") else { throw OpenSSLErrorQueue.libraryFailure("Reading \(path)") }
    defer {
      BIO_free(bio)
      OpenSSLErrorQueue.clear()
    }
    var objects: [OpaquePointer] = []
    while let object = read(bio) { objects.append(object) }
    return objects
  }

  private static func date(_ time: UnsafePointer<ASN1_TIME>?, _ path: String) throws(TLSError) -> Date {
    var fields = tm()
    // 1 on success, 0 if the time cannot be parsed.
    guard let time, ASN1_TIME_to_tm(time, &fields) == 1 else {
      OpenSSLErrorQueue.clear()
      throw TLSError(code: .malformedPEM, message: "\(path): a time in it cannot be read")
    }
    return Date(timeIntervalSince1970: Double(timegm(&fields)))
  }

  /// The version of OpenSSL that is loaded, such as `OpenSSL 3.0.17 1 Jul 2025`.
  package static var library: String { String(cString: OpenSSL_version(OPENSSL_VERSION)) }

  /// The number of its major version.
  package static var libraryMajor: Int { Int(OPENSSL_version_major()) }
}
