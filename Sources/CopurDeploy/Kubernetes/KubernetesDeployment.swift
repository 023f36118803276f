internal import CopurCore

/// The manifests of a fusion center and its agents.
///
/// The objects, a file each for those that belong together: ConfigMaps with the bundle, Secrets with certificates, a Service
/// and a StatefulSet with a volume for the journal, a Job or a Deployment for each agent, NetworkPolicies, and the
/// `kustomization.yaml` that names the files. There is no PodDisruptionBudget: of one replica it either lets
/// everything happen or keeps a node from being drained, for ever.
package struct KubernetesDeployment: Sendable {
  let settings: KubernetesSettings

  static let grpcPort = 8001
  static let httpPort = 8000

  /// - Throws: ``CopurError`` of code `.invalidArgument` if settings do not go together.
  package init(_ settings: KubernetesSettings) throws {
    self.settings = settings
    if settings.dataClaim == nil, let needy = settings.agents.first(where: \.work.needsData) {
      throw CopurError(
        .invalidArgument,
        "an agent that sends rows of a file or of the bundle's data set has a volume with them (agent: \(needy.agent)): "
          + "give --data-claim CLAIM, or --rows \(needy.agent)=tcp:HOST:PORT, or leave the agent out with --agents")
    }
  }

  /// The files, in the order in which they are applied.
  package var files: [ManifestFile] {
    get throws {
      var files = namespaceFiles
      if !configMaps.isEmpty { files.append(ManifestFile("bundle.yaml", configMaps)) }
      let secrets = try secrets
      if !secrets.isEmpty {
        files.append(
          ManifestFile(
            "secrets.yaml", secrets, isSecret: true, comment: "Private keys: do not commit this file or show it."))
      }
      if !certificates.isEmpty { files.append(ManifestFile("certificates.yaml", certificates)) }
      files.append(ManifestFile("center.yaml", [service, podService, try statefulSet]))
      if !settings.agents.isEmpty {
        files.append(
          ManifestFile("agents.yaml", try settings.agents.map { try agent($0.agent, $0.work) }))
      }
      files.append(ManifestFile("network.yaml", networkPolicies))
      if settings.hasPodMonitor { files.append(ManifestFile("monitoring.yaml", [podMonitor])) }
      files.append(kustomization(of: files.map(\.name)))
      return files
    }
  }

  /// The Secrets that somebody else has to make, with their keys; none where the manifests have them.
  package var awaitedSecrets: [String] {
    guard case .existing = settings.certificates else { return [] }
    return certificateOwners.map { settings.names.certificate(of: $0.object) }
  }

  /// The namespace, if it is to be made.
  var namespaceFiles: [ManifestFile] {
    guard settings.makesNamespace, let name = settings.namespace else { return [] }
    let namespace: ManifestValue = [
      "apiVersion": "v1", "kind": "Namespace",
      "metadata": [
        "name": .text(name),
        "labels": [
          "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted",
        ],
      ],
    ]
    return [ManifestFile("namespace.yaml", [namespace])]
  }

  func kustomization(of names: [String]) -> ManifestFile {
    ManifestFile(
      "kustomization.yaml",
      [
        .map([
          "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
          "namespace": settings.namespace.map { .text($0) },
          "resources": .list(names.map { .text($0) }),
        ])
      ],
      comment: "Apply with: kubectl apply --server-side -k FOLDER\n"
        + "(On the server's side, since a ConfigMap with a bundle is longer than kubectl's own note of it may be.)")
  }
}
