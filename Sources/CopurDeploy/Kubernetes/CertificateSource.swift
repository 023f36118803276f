package import CopurTLS

/// The source of the Secrets with certificates. Each has `tls.crt`, `tls.key` and `ca.crt`, as cert-manager writes them.
package enum CertificateSource: Hashable, Sendable {
  /// Files of `copur certs`, written into Secrets.
  case folder(DevelopmentCertificates)
  /// Secrets that are there.
  case existing
  /// Secrets that cert-manager writes; the issuer is one with an authority of its own, so that `ca.crt` is there.
  case certManager(issuer: String, kind: String)
  /// No TLS: whoever reaches the port is believed.
  case none
}
