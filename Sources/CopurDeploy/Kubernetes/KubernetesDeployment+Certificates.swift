internal import CopurCore
internal import CopurTLS
internal import Foundation

/// Certificates and tokens: Secrets, or what cert-manager makes them from.
extension KubernetesDeployment {
  static let tlsFolder = "/etc/copur/tls"
  static let tokenFolder = "/etc/copur/tokens"

  /// A holder of a certificate.
  enum CertificateOwner: Hashable {
    case center
    case agent(AgentID)
    /// Prometheus, which looks on.
    case monitoring
  }

  var hasTLS: Bool { if case .none = settings.certificates { false } else { true } }

  /// The options of a process's certificate.
  var tlsArguments: [String] {
    guard hasTLS else { return ["--insecure"] }
    let folder = Self.tlsFolder
    return [
      "--tls-certificate", "\(folder)/tls.crt", "--tls-key", "\(folder)/tls.key", "--tls-ca", "\(folder)/ca.crt",
    ]
  }

  func tlsVolumes(of object: String) -> [Volume] {
    hasTLS ? [.secret("tls", at: Self.tlsFolder, of: settings.names.certificate(of: object))] : []
  }

  /// Everybody with a certificate, and what their Secret is named after.
  var certificateOwners: [(owner: CertificateOwner, object: String)] {
    guard hasTLS else { return [] }
    return [(.center, settings.names.prefix)]
      + settings.agents.map { (.agent($0.agent), settings.names.agent($0.agent)) }
      + (settings.hasPodMonitor ? [(.monitoring, monitoringName)] : [])
  }

  var monitoringName: String { "\(settings.names.prefix)-scrape" }

  /// The Secrets with keys and tokens.
  var secrets: [ManifestValue] {
    get throws {
      var secrets: [ManifestValue] = []
      if case .folder(let folder) = settings.certificates {
        for (owner, object) in certificateOwners {
          let pair = Self.pair(of: owner, in: folder)
          var data: [String: String] = [
            "tls.crt": try Self.base64(pair.chain), "tls.key": try Self.base64(pair.key),
            "ca.crt": try Self.base64(folder.ca),
          ]
          if owner == .center, let revocations { data["crl.pem"] = try Self.base64(revocations) }
          secrets.append(secret(settings.names.certificate(of: object), type: "kubernetes.io/tls", data))
        }
      }
      if let tokens = settings.tokens {
        secrets.append(
          secret(
            "\(settings.names.prefix)-http-tokens", type: "Opaque",
            ["tokens": Data(tokens.utf8).base64EncodedString()]))
      }
      return secrets
    }
  }

  /// The path of the list of revoked certificates, which the fusion center goes by; nil if none was ever revoked.
  var revocations: String? {
    guard case .folder(let folder) = settings.certificates,
      FileManager.default.fileExists(atPath: folder.revocations)
    else { return nil }
    return folder.revocations
  }

  /// The digest of a certificate, which is public; nil where the manifests do not have it.
  func certificateDigest(of owner: CertificateOwner) throws -> String? {
    guard case .folder(let folder) = settings.certificates else { return nil }
    return SHA256Digest.hexadecimal(of: try Self.read(Self.pair(of: owner, in: folder).chain))
  }

  /// cert-manager's objects, which become the Secrets.
  var certificates: [ManifestValue] {
    guard case .certManager(let issuer, let kind) = settings.certificates else { return [] }
    return certificateOwners.map { owner, name in
      let secretName = settings.names.certificate(of: name)
      let isServer = owner == .center
      let hosts: ManifestValue? = isServer ? .list(hostNames.map { .text($0) }) : nil
      let key: ManifestValue = ["algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"]
      let usages: ManifestValue = ["digital signature", .text(isServer ? "server auth" : "client auth")]
      let spec: ManifestValue = .map([
        "secretName": .text(secretName), "issuerRef": ["name": .text(issuer), "kind": .text(kind)],
        "duration": "2160h", "renewBefore": "720h", "privateKey": key, "usages": usages, "dnsNames": hosts,
        "uris": .list([.text("spiffe://copur/\(Self.identity(of: owner))")]),
      ])
      return object("Certificate", of: "cert-manager.io/v1", name: secretName, with: ["spec": spec])
    }
  }

  private var hostNames: [String] {
    let name = settings.names.prefix
    guard let namespace = settings.namespace else { return [name] }
    return [name, "\(name).\(namespace).svc", "\(name).\(namespace).svc.cluster.local"]
  }

  private static func identity(of owner: CertificateOwner) -> String {
    switch owner {
    case .center: "server"
    case .agent(let agent): "agent/\(agent)"
    case .monitoring: "viewer/viewer"
    }
  }

  private static func pair(of owner: CertificateOwner, in folder: DevelopmentCertificates)
    -> DevelopmentCertificates.Pair
  {
    switch owner {
    case .center: folder.server
    case .agent(let agent): folder.agent(agent.name)
    case .monitoring: folder.viewer("viewer")
    }
  }

  private func secret(_ name: String, type: String, _ data: [String: String]) -> ManifestValue {
    object("Secret", of: "v1", name: name, with: ["type": .text(type), "data": .map(sorted: data)])
  }

  private static func base64(_ path: String) throws -> String { try read(path).base64EncodedString() }

  private static func read(_ path: String) throws -> Data {
    do { return try Data(contentsOf: URL(filePath: path)) } catch {
      throw CopurError(.missingInput, "\(path) cannot be read", cause: error)
    }
  }
}
