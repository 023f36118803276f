public import CopurFusionCenter
public import CopurTLS

extension PeerCredentials {
  /// What a certificate that has verified says.
  public init(_ certificate: PeerCertificate) {
    self.init(uris: certificate.uris, fingerprints: certificate.fingerprints)
  }
}
