internal import CopurCore

/// The rules of who may speak to whom: agents to the fusion center's gRPC, monitoring to its HTTP, nobody to an agent.
extension KubernetesDeployment {
  var networkPolicies: [ManifestValue] {
    let names = settings.names
    let denial = policy(
      "\(names.prefix)-default-deny", selector(nil), ["policyTypes": ["Ingress", "Egress"]])
    let center = policy(
      "\(names.prefix)-center", selector(.center),
      [
        "policyTypes": ["Ingress"],
        "ingress": [
          [
            "from": [["podSelector": ["matchLabels": selector(.agent)]]],
            "ports": [Self.port(Self.grpcPort)],
          ],
          [
            "from": [
              [
                "namespaceSelector": [
                  "matchLabels": ["kubernetes.io/metadata.name": .text(settings.monitoringNamespace)]
                ]
              ]
            ],
            "ports": [Self.port(Self.httpPort)],
          ],
        ],
      ])
    let agents = policy(
      "\(names.prefix)-agents", selector(.agent),
      [
        "policyTypes": ["Egress"],
        "egress": [
          ["to": [["podSelector": ["matchLabels": selector(.center)]]], "ports": [Self.port(Self.grpcPort)]],
          // Names: wherever the cluster's DNS is, on the node or in a pod.
          ["ports": [Self.port(53, "UDP"), Self.port(53)]],
        ],
      ])
    let rows = settings.agents.compactMap { agent, work -> ManifestValue? in
      guard case .socket(_, let port) = work else { return nil }
      return policy(
        "\(names.agent(agent))-rows", selector(.agent, agent: agent),
        ["policyTypes": ["Egress"], "egress": [["ports": [Self.port(port)]]]])
    }
    return [denial, center] + (settings.agents.isEmpty ? [] : [agents]) + rows
  }

  /// The PodMonitor, of which Prometheus' operator makes a scrape.
  var podMonitor: ManifestValue {
    let secret = settings.names.certificate(of: monitoringName)
    let tls: ManifestValue = [
      "ca": ["secret": ["name": .text(secret), "key": "ca.crt"]],
      "cert": ["secret": ["name": .text(secret), "key": "tls.crt"]],
      "keySecret": ["name": .text(secret), "key": "tls.key"], "serverName": .text(settings.names.prefix),
    ]
    return object(
      "PodMonitor", of: "monitoring.coreos.com/v1", name: settings.names.prefix, .center,
      with: [
        "spec": [
          "selector": ["matchLabels": selector(.center)],
          "podMetricsEndpoints": [
            .map([
              "port": "http", "path": "/metrics", "interval": "15s", "scheme": hasTLS ? "https" : "http",
              "tlsConfig": hasTLS ? tls : nil,
            ])
          ],
        ]
      ])
  }

  private func policy(
    _ name: String, _ pods: ManifestValue, _ spec: KeyValuePairs<String, ManifestValue?>
  ) -> ManifestValue {
    var rules: ManifestValue = ["podSelector": ["matchLabels": pods]]
    for (key, value) in spec { rules[key] = value }
    return object("NetworkPolicy", of: "networking.k8s.io/v1", name: name, with: ["spec": rules])
  }

  private static func port(_ number: Int, _ transport: String = "TCP") -> ManifestValue {
    ["protocol": .text(transport), "port": .number(number)]
  }
}
