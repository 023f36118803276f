package import CopurCore

/// The settings of a deployment of a bundle on Kubernetes.
package struct KubernetesSettings: Sendable {
  /// Names of its objects.
  package var names: ObjectNames
  /// The namespace; nil for that of whoever applies the manifests.
  package var namespace: String?
  /// Whether the namespace is made, with Kubernetes' restricted rules for pods.
  package var makesNamespace = false
  /// The container image, with `copur` on its `PATH`.
  package var image: String
  /// The version of the program that writes the manifests, for a label.
  package var version: String
  /// The Secret with the registry's password.
  package var imagePullSecret: String?
  /// Certificates of the fusion center, of agents and of monitoring.
  package var certificates = CertificateSource.none
  /// Bearer tokens for HTTP clients, the content of `copur serve --http-token-file`.
  package var tokens: String?
  /// The place in which pods find the bundle.
  package var bundle: BundlePlace
  /// The claim of a volume with data sets or rows; nil if no agent needs one.
  package var dataClaim: String?
  /// Agents in the roster's order, and what they send; one that is left out runs elsewhere.
  package var agents: [(agent: AgentID, work: AgentWork)]
  /// Further options of `copur serve`.
  package var centerArguments: [String] = []
  /// Further options of `copur agent`, such as `--key`.
  package var agentArguments: [String] = []
  /// The size of the journal's volume, in GiB.
  package var journalGibibytes = 1
  /// The journal's class of storage; nil for the cluster's default.
  package var storageClass: String?
  package var centerMemory: MemoryQuantity
  /// Memory of agents; nil for what their work needs.
  package var agentMemory: MemoryQuantity?
  /// The user and group of all processes.
  package var user = 10001
  /// The namespace whose pods may scrape.
  package var monitoringNamespace = "monitoring"
  /// Whether there is a PodMonitor, which needs the Prometheus operator.
  package var hasPodMonitor = false

  /// The place in which pods find the bundle.
  package enum BundlePlace: Hashable, Sendable {
    /// In ConfigMaps.
    case configMaps(BundleFiles)
    /// In a volume, by its claim, and the folder in it; nil for all of the volume.
    case claim(String, folder: String?, modelVersion: String, bytes: Int)
    /// In the image, at this path.
    case image(String, modelVersion: String, bytes: Int)
  }

  package init(
    names: ObjectNames, image: String, version: String, bundle: BundlePlace,
    agents: [(agent: AgentID, work: AgentWork)]
  ) {
    self.names = names
    self.image = image
    self.version = version
    self.bundle = bundle
    self.agents = agents
    centerMemory = .center(bundleBytes: bundle.bytes)
  }
}

extension KubernetesSettings.BundlePlace {
  /// The version of the model: pods are replaced when it changes.
  var modelVersion: String {
    switch self {
    case .configMaps(let files): files.modelVersion
    case .claim(_, _, let version, _), .image(_, let version, _): version
    }
  }

  /// The size of the bundle's files, in bytes.
  var bytes: Int {
    switch self {
    case .configMaps(let files): files.bytes
    case .claim(_, _, _, let bytes), .image(_, _, let bytes): bytes
    }
  }
}
