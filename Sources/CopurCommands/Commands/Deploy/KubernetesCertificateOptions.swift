import ArgumentParser
import CopurCore
import CopurDeploy
import CopurTLS
import Foundation

/// Options for the source of the certificates of a service on Kubernetes.
struct KubernetesCertificateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder of `copur certs`, whose certificates and keys become Secrets; not the authority's key.",
      valueName: "dir"))
  var certificates: String?

  @Flag(help: "Use Secrets that are there, with tls.crt, tls.key and ca.crt; their names are printed.")
  var existingSecrets = false

  @Option(
    help: ArgumentHelp(
      "Have cert-manager make the Secrets; its issuer, one with an authority (CA).", valueName: "issuer"))
  var certManagerIssuer: String?

  @Option(help: ArgumentHelp("Issuer, or ClusterIssuer.", valueName: "kind"))
  var certManagerIssuerKind = "Issuer"

  @Flag(help: "No TLS: anybody who reaches a port is believed. For development.")
  var insecure = false

  /// The options, and whether each is given.
  var given: [(String, Bool)] {
    [
      ("--certificates", certificates != nil), ("--existing-secrets", existingSecrets),
      ("--cert-manager-issuer", certManagerIssuer != nil), ("--insecure", insecure),
    ]
  }

  func validate() throws {
    guard given.count(where: \.1) <= 1 else {
      throw ValidationError(
        "Certificates come from one place: \(given.filter(\.1).map(\.0).joined(separator: " or "))?")
    }
    guard ["Issuer", "ClusterIssuer"].contains(certManagerIssuerKind) else {
      throw ValidationError(
        "--cert-manager-issuer-kind is Issuer or ClusterIssuer (actual: \"\(certManagerIssuerKind)\")")
    }
    if let certManagerIssuer {
      try KubernetesObjectOptions.requireName(certManagerIssuer, of: "--cert-manager-issuer")
    }
  }

  /// The source, whose files have been looked at.
  ///
  /// - Parameters:
  ///   - agents: Who needs a certificate.
  ///   - host: What agents call the fusion center.
  ///   - scrapes: Whether a viewer's certificate is needed, too.
  func source(agents: [AgentID], host: String, scrapes: Bool) throws -> CertificateSource {
    if let certificates {
      let folder = DevelopmentCertificates(directory: certificates)
      try Self.check(folder, agents: agents, host: host, scrapes: scrapes)
      return .folder(folder)
    }
    if existingSecrets { return .existing }
    if let certManagerIssuer { return .certManager(issuer: certManagerIssuer, kind: certManagerIssuerKind) }
    guard insecure else {
      throw CopurError(
        .invalidArgument,
        "certificates come from --certificates DIR (`copur certs DIR` makes one), --existing-secrets or "
          + "--cert-manager-issuer ISSUER, or there are none with --insecure")
    }
    return .none
  }

  /// Makes sure that pods could begin with these files, as they will: a fault that shows itself in a cluster costs more.
  private static func check(
    _ folder: DevelopmentCertificates, agents: [AgentID], host: String, scrapes: Bool
  ) throws {
    let context = try TLSContext.server(
      certificateChain: folder.server.chain, privateKey: folder.server.key, trustRoots: folder.ca,
      clientCertificate: .required)
    for warning in try context.checkValidity() { Terminal.report("copur: warning: \(warning)") }
    guard try CertificateExamination(reading: folder.server.chain).isFor(host: host) else {
      throw CopurError(
        .configuration,
        "\(folder.server.chain) has to name the host by which agents call the fusion center (\"\(host)\" is not in it): "
          + "copur certs \(folder.directory) --hosts \(host) localhost 127.0.0.1 --renew")
    }
    let clients = agents.map { folder.agent($0.name) } + (scrapes ? [folder.viewer("viewer")] : [])
    for pair in clients {
      try TLSContext.client(trustRoots: folder.ca, certificateChain: pair.chain, privateKey: pair.key).checkValidity()
    }
    for pair in [folder.server] + clients {
      let isServer = pair == folder.server
      guard
        let reason = try CertificateExamination(reading: pair.chain).distrust(
          by: folder.ca, isServer: isServer, at: Date())
      else { continue }
      throw CopurError(.configuration, "\(pair.chain) would not be believed by who trusts \(folder.ca): \(reason)")
    }
  }
}
