public import CopurFusionCenter
public import CopurTLS

extension PeerCredentials {
  /// The credentials in a certificate that has verified.
  public init(_ certificate: PeerCertificate) {
    self.init(uris: certificate.uris, fingerprints: certificate.fingerprints)
  }
}
