import ArgumentParser
import CopurCore
import CopurTLS
import Logging

/// Certificates of a server or of an agent.
struct TLSOptions: ParsableArguments {
  @Option(help: ArgumentHelp("This side's certificate chain, PEM.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The private key of that certificate, PEM.", valueName: "file"))
  var tlsKey: String?

  @Option(help: ArgumentHelp("The certificates that the other side's must come from, PEM.", valueName: "file"))
  var tlsCa: String?

  @Option(
    help: ArgumentHelp(
      """
      Lists of certificates that are not to be believed any more, PEM, as `copur certs revoke` writes it; each authority of \
      --tls-ca needs one then.
      """, valueName: "file"))
  var tlsCrl: String?

  @Flag(help: "No TLS: anybody who reaches the port is believed. For development.")
  var insecure = false

  func validate() throws {
    let given = [tlsCertificate, tlsKey, tlsCa].compactMap { $0 }.count
    guard insecure ? given == 0 : given == 3 else {
      throw ValidationError(
        "Give --tls-certificate, --tls-key and --tls-ca (`copur certs DIR` makes such files), or else --insecure.")
    }
    if insecure, tlsCrl != nil {
      throw ValidationError("--tls-crl is about certificates, and with --insecure there are none.")
    }
  }

  /// The options of one of several agents, whose files have its name where `{agent}` stands.
  func of(agent: AgentID) -> TLSOptions {
    var own = self
    own.tlsCertificate = tlsCertificate?.replacing(Self.agentPlace, with: agent.name)
    own.tlsKey = tlsKey?.replacing(Self.agentPlace, with: agent.name)
    return own
  }

  /// The mark in whose place an agent's name is put.
  static let agentPlace = "{agent}"

  /// The server's side: a certificate that a client shows is one of the CA. Nil without TLS.
  func server(
    applicationProtocol: ApplicationProtocol = .http2, clientCertificate: TLSContext.ClientCertificate = .required
  ) throws -> TLSContext? {
    guard let tlsCertificate, let tlsKey, let tlsCa else { return nil }
    return try TLSContext.server(
      certificateChain: tlsCertificate, privateKey: tlsKey, trustRoots: tlsCa, revocations: tlsCrl,
      clientCertificate: clientCertificate,
      applicationProtocol: applicationProtocol)
  }

  /// Reads the server's certificates again. Nil without TLS.
  func serverRotation(
    of context: TLSContext?, applicationProtocol: ApplicationProtocol = .http2,
    clientCertificate: TLSContext.ClientCertificate = .required, logger: Logger
  ) -> CertificateRotation? {
    context.map { context in
      CertificateRotation(
        context: context,
        load: { [self] in
          try server(applicationProtocol: applicationProtocol, clientCertificate: clientCertificate)!
        }, logger: logger)
    }
  }

  /// Reads the client's certificates again. Nil without TLS.
  func clientRotation(of context: TLSContext?, logger: Logger) -> CertificateRotation? {
    context.map { CertificateRotation(context: $0, load: { [self] in try client()! }, logger: logger) }
  }

  /// The client's side. Nil without TLS.
  func client() throws -> TLSContext? {
    guard let tlsCertificate, let tlsKey, let tlsCa else { return nil }
    return try TLSContext.client(
      trustRoots: tlsCa, revocations: tlsCrl, certificateChain: tlsCertificate, privateKey: tlsKey)
  }
}
