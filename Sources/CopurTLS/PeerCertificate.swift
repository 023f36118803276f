public import FoundationEssentials

/// The names in a certificate that a peer has shown and that has verified.
public struct PeerCertificate: Sendable, Hashable {
  /// The subject's common name, if it has exactly one.
  public var commonName: String?

  /// The URIs among the subject's alternative names, such as `spiffe://copur/agent/time`.
  public var uris: [String]

  /// The DNS names among the subject's alternative names.
  public var dnsNames: [String]

  /// The time at which the certificate ends to be valid.
  public var notAfter: Date

  /// The SHA-256 digests, in lower-case hexadecimal digits, of the certificate and of those that it comes from, the
  /// authority's last; empty where they are not known.
  public var fingerprints: [String] = []

  /// Creates a description of a certificate.
  ///
  /// - Parameters:
  ///   - commonName: The subject's common name.
  ///   - uris: The URIs among the subject's alternative names.
  ///   - dnsNames: The DNS names among the subject's alternative names.
  ///   - notAfter: When the certificate ends to be valid.
  public init(commonName: String?, uris: [String], dnsNames: [String], notAfter: Date) {
    self.commonName = commonName
    self.uris = uris
    self.dnsNames = dnsNames
    self.notAfter = notAfter
  }
}
