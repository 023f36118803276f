internal import CopurCore

/// The fusion center: one process, since it holds the rounds, with its journal in a volume that outlives the pod.
extension KubernetesDeployment {
  private static let journalFolder = "/var/lib/copur"

  /// The arguments of the fusion center's process.
  package var centerArguments: [String] {
    ["serve", bundlePath, "--grpc", "0.0.0.0:\(Self.grpcPort)", "--http", "0.0.0.0:\(Self.httpPort)"]
      + ["--journal", "\(Self.journalFolder)/rounds.sqlite"] + tlsArguments
      + (revocations == nil ? [] : ["--tls-crl", "\(Self.tlsFolder)/crl.pem"])
      + (settings.tokens == nil ? [] : ["--http-token-file", "\(Self.tokenFolder)/tokens"]) + settings.centerArguments
  }

  /// The address by which agents and clients reach the fusion center.
  var service: ManifestValue {
    object(
      "Service", of: "v1", name: settings.names.prefix, .center,
      with: ["spec": ["selector": selector(.center), "ports": ports(appProtocols: true)]])
  }

  /// The name of the StatefulSet's pod, which Kubernetes asks for.
  var podService: ManifestValue {
    object(
      "Service", of: "v1", name: podServiceName, .center,
      with: [
        "spec": [
          "clusterIP": "None", "publishNotReadyAddresses": true, "selector": selector(.center),
          "ports": ports(appProtocols: false),
        ]
      ])
  }

  private var podServiceName: String { "\(settings.names.prefix)-pods" }

  private func ports(appProtocols: Bool) -> ManifestValue {
    func port(_ name: String, _ number: Int, _ appProtocol: String) -> ManifestValue {
      .map([
        "name": .text(name), "port": .number(number), "targetPort": .text(name),
        "appProtocol": appProtocols ? .text(appProtocol) : nil,
      ])
    }
    return [port("grpc", Self.grpcPort, "grpc"), port("http", Self.httpPort, hasTLS ? "https" : "http")]
  }

  var statefulSet: ManifestValue {
    get throws {
      let name = settings.names.prefix
      let probe = { (path: String, rest: KeyValuePairs<String, ManifestValue?>) -> ManifestValue in
        var probe: ManifestValue = [
          // The kubelet shows no certificate, and takes any: health is told to everybody.
          "httpGet": ["path": .text(path), "port": "http", "scheme": hasTLS ? "HTTPS" : "HTTP"], "timeoutSeconds": 5,
        ]
        for (key, value) in rest { probe[key] = value }
        return probe
      }
      let pod = podSpec(
        container: "fusion-center", arguments: centerArguments, memory: settings.centerMemory, milliCPU: 250,
        volumes: [bundleVolume].compactMap { $0 } + tlsVolumes(of: name)
          + (settings.tokens == nil
            ? [] : [.secret("http-tokens", at: Self.tokenFolder, of: "\(name)-http-tokens")])
          + [.template("journal", at: Self.journalFolder), .scratch("tmp", at: "/tmp")],
        container: [
          "ports": [
            ["name": "grpc", "containerPort": .number(Self.grpcPort)],
            ["name": "http", "containerPort": .number(Self.httpPort)],
          ],
          // A journal is read before the first answer: two minutes for that.
          "startupProbe": probe("/v2/health/live", ["periodSeconds": 2, "failureThreshold": 60]),
          "livenessProbe": probe("/v2/health/live", ["periodSeconds": 10, "failureThreshold": 6]),
          "readinessProbe": probe("/v2/health/ready", ["periodSeconds": 5, "failureThreshold": 2]),
        ])
      return object(
        "StatefulSet", of: "apps/v1", name: name, .center,
        with: [
          "spec": [
            // Two fusion centers would each hold a part of every round.
            "replicas": 1, "serviceName": .text(podServiceName), "selector": ["matchLabels": selector(.center)],
            "persistentVolumeClaimRetentionPolicy": ["whenDeleted": "Retain", "whenScaled": "Retain"],
            "template": [
              "metadata": [
                "labels": labels(.center),
                "annotations": podAnnotations(agent: nil, certificate: try certificateDigest(of: .center)),
              ], "spec": pod,
            ],
            "volumeClaimTemplates": [
              [
                "metadata": ["name": "journal"],
                "spec": .map([
                  "accessModes": ["ReadWriteOnce"], "storageClassName": settings.storageClass.map { .text($0) },
                  "resources": ["requests": ["storage": "\(settings.journalGibibytes)Gi"]],
                ]),
              ]
            ],
          ]
        ])
    }
  }
}
