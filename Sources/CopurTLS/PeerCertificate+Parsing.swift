internal import COpenSSL
internal import FoundationEssentials
internal import Glibc

extension PeerCertificate {
  /// Reads the names out of a certificate.
  ///
  /// - Parameter certificate: An `X509`, which is only borrowed.
  init(_ certificate: OpaquePointer) throws(TLSError) {
    self.init(
      commonName: try Self.commonName(certificate),
      uris: [],
      dnsNames: [],
      notAfter: try Self.notAfter(certificate))

    // NULL if there is no such extension, if there are several (-2), or if it cannot be parsed (-1: none).
    var critical: Int32 = 0
    guard let extensionValue = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nil) else {
      guard critical == -1 else { throw Self.malformed("the subject's alternative names cannot be read") }
      return
    }
    let names = OpaquePointer(extensionValue)
    defer { GENERAL_NAMES_free(names) }
    for index in 0..<copur_GENERAL_NAMES_count(names) {
      var kind: Int32 = 0
      guard let name = copur_GENERAL_NAMES_get(names, index), let value = GENERAL_NAME_get0_value(name, &kind) else {
        continue
      }
      switch kind {
      case GEN_URI:
        uris.append(try Self.text(value.assumingMemoryBound(to: ASN1_STRING.self)))
      case GEN_DNS:
        dnsNames.append(try Self.text(value.assumingMemoryBound(to: ASN1_STRING.self)))
      default:
        break
      }
    }
  }

  private static func commonName(_ certificate: OpaquePointer) throws(TLSError) -> String? {
    let subject = X509_get_subject_name(certificate)
    let first = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
    // Of several common names none is better than another.
    guard first >= 0, X509_NAME_get_index_by_NID(subject, NID_commonName, first) < 0 else { return nil }
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, first)))
    guard count >= 0, let bytes else { throw malformed("the subject's common name is not text") }
    defer { CRYPTO_free(bytes, #file, #line) }
    return try text(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }

  /// RFC 5280 section 4.2.1.6: these names are IA5 strings, so ASCII.
  private static func text(_ string: UnsafePointer<ASN1_STRING>) throws(TLSError) -> String {
    try text(UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
  }

  /// A NUL inside would make the name end early for whoever reads it as a C string.
  private static func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(TLSError) -> String {
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
      throw malformed("a name in it is not text")
    }
    return text
  }

  static func notAfter(_ certificate: OpaquePointer) throws(TLSError) -> Date {
    var time = tm()
    // 1 on success, 0 if the time cannot be parsed.
    guard ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) == 1 else {
      throw malformed("the end of its validity cannot be read")
    }
    return Date(timeIntervalSince1970: Double(timegm(&time)))
  }

  /// The SHA-256 digest of a certificate, in lower-case hexadecimal digits.
  static func fingerprint(_ certificate: OpaquePointer) -> String {
    var (bytes, count) = ([UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE)), UInt32(0))
    X509_digest(certificate, EVP_sha256(), &bytes, &count)
    return bytes.prefix(Int(count)).map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }

  private static func malformed(_ what: String) -> TLSError {
    OpenSSLErrorQueue.clear()
    return TLSError(code: .malformedPeerCertificate, message: "the peer's certificate is malformed: \(what)")
  }
}
