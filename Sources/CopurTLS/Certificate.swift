internal import COpenSSL
internal import FoundationEssentials

/// A certificate of the development authority, signed with ECDSA and SHA-256.
struct Certificate: ~Copyable {
  /// The use that the certificate is for.
  enum Purpose {
    case authority
    case server
    case client
  }

  /// The `X509`, valid as long as this value.
  let pointer: OpaquePointer

  /// Makes and signs a certificate.
  ///
  /// - Parameters:
  ///   - commonName: At most 64 characters (RFC 5280 appendix A.1).
  ///   - alternativeNames: In OpenSSL's notation, such as `DNS:localhost,URI:spiffe://copur/server`; checked by the
  ///     caller, because a comma in a name starts the next one.
  ///   - purpose: What it may be used for.
  ///   - validity: When it is valid.
  ///   - key: The subject's key.
  ///   - issuer: The authority that signs, or `nil` for one that signs itself.
  ///   - issuerKey: The authority's key.
  static func issue(
    commonName: String,
    alternativeNames: String?,
    purpose: Purpose,
    validity: Range<Date>,
    key: borrowing CertificateKey,
    issuer: OpaquePointer?,
    issuerKey: borrowing CertificateKey
  ) throws(TLSError) -> Certificate {
    let certificate = try Certificate()
    let pointer = certificate.pointer
    // RFC 5280 section 4.1.2.1: version 3 is written as 2.
    X509_set_version(pointer, 2)
    try certificate.setSerialNumber()
    ASN1_TIME_set(X509_getm_notBefore(pointer), Int(validity.lowerBound.timeIntervalSince1970))
    ASN1_TIME_set(X509_getm_notAfter(pointer), Int(validity.upperBound.timeIntervalSince1970))

    let subject = X509_get_subject_name(pointer)
    for (field, value) in [("O", "copur development"), ("CN", commonName)] {
      guard X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, value, -1, -1, 0) == 1 else {
        throw OpenSSLErrorQueue.libraryFailure("Setting \(field)=\(value)")
      }
    }
    X509_set_issuer_name(pointer, X509_get_subject_name(issuer ?? pointer))
    guard X509_set_pubkey(pointer, key.pointer) == 1 else {
      throw OpenSSLErrorQueue.libraryFailure("X509_set_pubkey")
    }
    try certificate.addExtensions(alternativeNames: alternativeNames, purpose: purpose, issuer: issuer ?? pointer)
    // The signature's length on success, 0 on failure.
    guard X509_sign(pointer, issuerKey.pointer, EVP_sha256()) > 0 else {
      throw OpenSSLErrorQueue.libraryFailure("X509_sign")
    }
    return certificate
  }

  private init() throws(TLSError) {
    OpenSSLErrorQueue.clear()
    guard let pointer = X509_new() else { throw OpenSSLErrorQueue.libraryFailure("X509_new") }
    self.pointer = pointer
  }

  /// - Parameter pointer: Is this value's from now on.
  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  deinit {
    X509_free(pointer)
  }

  /// The certificate in PEM.
  func pem() throws(TLSError) -> [UInt8] {
    try pemBytes { PEM_write_bio_X509($0, pointer) }
  }

  /// RFC 5280 section 4.1.2.2: positive and unique, at most 20 octets; 127 random bits are.
  private func setSerialNumber() throws(TLSError) {
    guard let number = BN_new() else { throw OpenSSLErrorQueue.libraryFailure("BN_new") }
    defer { BN_free(number) }
    guard BN_rand(number, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1,
      BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil
    else { throw OpenSSLErrorQueue.libraryFailure("Drawing a serial number") }
  }

  private func addExtensions(
    alternativeNames: String?,
    purpose: Purpose,
    issuer: OpaquePointer
  ) throws(TLSError) {
    // RFC 5280 sections 4.2.1.2, 4.2.1.9, 4.2.1.3, 4.2.1.12, 4.2.1.1 and 4.2.1.6; the issuer's key identifier
    // can be copied only after the subject's is there, as an authority is its own issuer.
    try add(NID_subject_key_identifier, "hash", issuer: issuer)
    try add(NID_authority_key_identifier, "keyid", issuer: issuer)
    switch purpose {
    case .authority:
      try add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", issuer: issuer)
      try add(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: issuer)
    case .server:
      try add(NID_basic_constraints, "critical,CA:FALSE", issuer: issuer)
      try add(NID_key_usage, "critical,digitalSignature", issuer: issuer)
      try add(NID_ext_key_usage, "serverAuth", issuer: issuer)
    case .client:
      try add(NID_basic_constraints, "critical,CA:FALSE", issuer: issuer)
      try add(NID_key_usage, "critical,digitalSignature", issuer: issuer)
      try add(NID_ext_key_usage, "clientAuth", issuer: issuer)
    }
    if let alternativeNames { try add(NID_subject_alt_name, alternativeNames, issuer: issuer) }
  }

  private func add(_ identifier: Int32, _ value: String, issuer: OpaquePointer) throws(TLSError) {
    var context = X509V3_CTX()
    copur_X509V3_set_context(&context, issuer, pointer)
    guard let entry = X509V3_EXT_conf_nid(nil, &context, identifier, value) else {
      throw OpenSSLErrorQueue.libraryFailure("Making the extension \(value)")
    }
    defer { X509_EXTENSION_free(entry) }
    guard X509_add_ext(pointer, entry, -1) == 1 else { throw OpenSSLErrorQueue.libraryFailure("X509_add_ext") }
  }
}
