internal import CopurCore

/// The manifests of a whole simulation: a Job that runs `copur run` on a scenario, with volumes for its data and results.
///
/// Fusion center and agents are processes of one pod, as on one machine. A pod that is lost is followed by another one, which
/// goes on where the first was.
package struct KubernetesSimulation: Sendable {
  /// Names, image and so on; its agents have no objects.
  package var settings: KubernetesSettings
  /// The scenario's text, and its file's name.
  package var scenario: (name: String, text: String)
  /// Whether it runs in one process.
  package var isInProcess = false
  /// The number of processors that it may have.
  package var processors = 2

  package init(settings: KubernetesSettings, scenario: (name: String, text: String)) throws {
    self.settings = settings
    self.scenario = scenario
    guard settings.dataClaim != nil else {
      throw CopurError(.invalidArgument, "a simulation has a volume with its data: give --data-claim CLAIM")
    }
    guard scenario.text.utf8.count <= BundleFiles.longestConfigMap else {
      throw CopurError(
        .invalidArgument,
        "a scenario that goes into a ConfigMap has at most \(BundleFiles.longestConfigMap) bytes (actual: "
          + "\(scenario.text.utf8.count))")
    }
  }

  private static let resultsFolder = "/var/lib/copur"

  /// The arguments of the simulation's process.
  package var arguments: [String] {
    [
      "run", "/etc/copur/scenario.yaml", "--data", "/var/lib/copur-data", "--out", "\(Self.resultsFolder)/results",
      "--cache", "\(Self.resultsFolder)/cache",
    ] + (isInProcess ? ["--in-process"] : [])
  }

  /// The files, in the order in which they are applied.
  package var files: [ManifestFile] {
    get throws {
      let deployment = try KubernetesDeployment(settings)
      let name = settings.names.prefix
      let claim = "\(name)-results"
      let pod = deployment.podSpec(
        container: "simulation", arguments: arguments, memory: settings.centerMemory, milliCPU: 1000 * processors,
        volumes: [
          .configMaps("scenario", at: "/etc/copur", of: ["\(name)-scenario"]),
          .claim("data", at: "/var/lib/copur-data", of: settings.dataClaim!),
          .claim("results", at: Self.resultsFolder, of: claim, isWritable: true), .scratch("tmp", at: "/tmp"),
        ], restartPolicy: "OnFailure")
      let scenario = deployment.object(
        "ConfigMap", of: "v1", name: "\(name)-scenario", with: ["data": ["scenario.yaml": .text(self.scenario.text)]])
      let results = deployment.object(
        "PersistentVolumeClaim", of: "v1", name: claim,
        with: [
          "spec": .map([
            "accessModes": ["ReadWriteOnce"], "storageClassName": settings.storageClass.map { .text($0) },
            "resources": ["requests": ["storage": "\(settings.journalGibibytes)Gi"]],
          ])
        ])
      let job = deployment.object(
        "Job", of: "batch/v1", name: name,
        with: [
          "spec": [
            "backoffLimit": 6,
            "template": ["metadata": ["labels": deployment.labels(nil)], "spec": pod],
          ]
        ])
      let files = [
        ManifestFile("scenario.yaml", [scenario]), ManifestFile("simulation.yaml", [results, job]),
        // A simulation speaks to nobody outside of its pod.
        ManifestFile("network.yaml", [deployment.networkPolicies[0]]),
      ]
      return deployment.namespaceFiles + files
        + [deployment.kustomization(of: (deployment.namespaceFiles + files).map(\.name))]
    }
  }
}
