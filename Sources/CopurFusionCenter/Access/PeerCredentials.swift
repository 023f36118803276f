/// The names in a peer's certificate, and the authority that it comes from.
public struct PeerCredentials: Hashable, Sendable {
  /// The URIs among the certificate's alternative names.
  public var uris: [String]
  /// The SHA-256 digests, in lower-case hexadecimal digits, of the certificate and of those that it comes from.
  public var fingerprints: [String]

  /// - Parameters:
  ///   - uris: The URIs among the certificate's alternative names.
  ///   - fingerprints: The digests of the certificate and of those that it comes from.
  public init(uris: [String], fingerprints: [String] = []) {
    self.uris = uris
    self.fingerprints = fingerprints
  }
}
