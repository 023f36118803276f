package import CopurCore

/// The agents: a Job for one that has an end, a Deployment for one that goes on.
extension KubernetesDeployment {
  private static let dataFolder = "/var/lib/copur-data"
  /// Exit codes of sysexits.h after which the same command would fail again: wrong usage, refused data, missing input, not
  /// allowed, wrong setting.
  private static let lastingFaults = [64, 65, 66, 73, 77, 78]

  /// The arguments of an agent's process.
  package func agentArguments(_ agent: AgentID, _ work: AgentWork) -> [String] {
    let rows: [String] =
      switch work {
      case .testRows: []
      case .file(let path, let follows): ["--rows", "\(Self.dataFolder)/\(path)"] + (follows ? ["--follow"] : [])
      case .socket(let address, _): ["--rows", address]
      }
    return ["agent", bundlePath, "--agent", agent.name]
      + ["--connect", "\(hasTLS ? "https" : "http")://\(settings.names.prefix):\(Self.grpcPort)"]
      + tlsArguments + rows + (rows.isEmpty ? [] : settings.agentArguments)
  }

  func agent(_ agent: AgentID, _ work: AgentWork) throws -> ManifestValue {
    let name = settings.names.agent(agent)
    let memory =
      settings.agentMemory
      ?? (work == .testRows
        ? .readingAgent(bundleBytes: settings.bundle.bytes) : .streamingAgent(bundleBytes: settings.bundle.bytes))
    let pod = podSpec(
      container: "agent", arguments: agentArguments(agent, work), memory: memory, milliCPU: 100,
      volumes: [bundleVolume].compactMap { $0 } + tlsVolumes(of: name)
        + (work.needsData ? [.claim("data", at: Self.dataFolder, of: settings.dataClaim!)] : [])
        + [.scratch("tmp", at: "/tmp")],
      environment: work == .testRows ? [["name": "COPUR_DATA", "value": .text(Self.dataFolder)]] : [],
      restartPolicy: work.isLasting ? nil : "Never")
    let template: ManifestValue = [
      "metadata": [
        "labels": labels(.agent, agent: agent),
        "annotations": podAnnotations(agent: agent, certificate: try certificateDigest(of: .agent(agent))),
      ], "spec": pod,
    ]
    guard work.isLasting else {
      return object(
        "Job", of: "batch/v1", name: name, .agent, agent: agent,
        with: ["spec": ["backoffLimit": 6, "podFailurePolicy": Self.podFailurePolicy, "template": template]])
    }
    return object(
      "Deployment", of: "apps/v1", name: name, .agent, agent: agent,
      with: [
        "spec": [
          // A second process of an agent would send what the first has sent: the old one ends first.
          "replicas": 1, "strategy": ["type": "Recreate"],
          "selector": ["matchLabels": selector(.agent, agent: agent)], "template": template,
        ]
      ])
  }

  /// A pod that a node took with it is no failed attempt, and a fault that lasts is not tried again.
  private static var podFailurePolicy: ManifestValue {
    [
      "rules": [
        ["action": "Ignore", "onPodConditions": [["type": "DisruptionTarget", "status": "True"]]],
        [
          "action": "FailJob",
          "onExitCodes": [
            "containerName": "agent", "operator": "In", "values": .list(lastingFaults.map { .number($0) }),
          ],
        ],
      ]
    ]
  }
}
