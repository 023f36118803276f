internal import CopurCore

/// Names, labels and the way in which a process runs, the same for all objects.
extension KubernetesDeployment {
  /// A part of the deployment.
  enum Component: String {
    case center = "fusion-center"
    case agent
  }

  /// Labels by which a part's pods are found; they never change.
  func selector(_ component: Component?, agent: AgentID? = nil) -> ManifestValue {
    .map([
      "app.kubernetes.io/name": "copur", "app.kubernetes.io/instance": .text(settings.names.prefix),
      "app.kubernetes.io/component": component.map { .text($0.rawValue) },
      "copur/agent": agent.map { .text(settings.names.label(of: $0)) },
    ])
  }

  /// All labels of a part's objects.
  func labels(_ component: Component?, agent: AgentID? = nil) -> ManifestValue {
    var labels = selector(component, agent: agent)
    labels["app.kubernetes.io/version"] = .text(settings.version)
    labels["app.kubernetes.io/part-of"] = .text(settings.names.prefix)
    labels["app.kubernetes.io/managed-by"] = "copur"
    return labels
  }

  /// An object of a name.
  func object(
    _ kind: String, of version: String, name: String, _ component: Component? = nil, agent: AgentID? = nil,
    annotations: ManifestValue? = nil, with rest: KeyValuePairs<String, ManifestValue?>
  ) -> ManifestValue {
    var object = ManifestValue.map([
      "apiVersion": .text(version), "kind": .text(kind),
      "metadata": .map([
        "name": .text(name), "namespace": settings.namespace.map { .text($0) },
        "labels": labels(component, agent: agent), "annotations": annotations,
      ]),
    ])
    for (key, value) in rest { object[key] = value }
    return object
  }

  /// A pod's annotations, which name model and certificate: with others the pod is another one.
  func podAnnotations(agent: AgentID?, certificate: String?) -> ManifestValue {
    .map([
      "copur/agent-name": agent.map { .text($0.name) }, "copur/model-version": .text(settings.bundle.modelVersion),
      "copur/certificate-sha256": certificate.map { .text($0) },
    ])
  }

  /// A pod with one container, by Kubernetes' restricted rules: no root, no privileges, nothing to write but its volumes.
  ///
  /// - Parameter container: Added to what all containers have.
  func podSpec(
    container name: String, arguments: [String], memory: MemoryQuantity, milliCPU: Int, volumes: [Volume],
    environment: [ManifestValue] = [], container: KeyValuePairs<String, ManifestValue?> = [:],
    restartPolicy: String? = nil, graceSeconds: Int = 30
  ) -> ManifestValue {
    var process = ManifestValue.map([
      "name": .text(name), "image": .text(settings.image), "command": ["copur"],
      // Kubernetes replaces $(NAME) in arguments, and $$ by $.
      "args": .list(arguments.map { .text($0.replacing("$", with: "$$")) }),
      "env": environment.isEmpty ? nil : .list(environment),
      // The image's own may be a folder that this user may not enter.
      "workingDir": "/tmp",
    ])
    for (key, value) in container { process[key] = value }
    process["resources"] = memory.resources(milliCPU: milliCPU)
    process["securityContext"] = [
      "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]],
    ]
    process["volumeMounts"] = .list(volumes.map(\.mount))
    return .map([
      "automountServiceAccountToken": false, "enableServiceLinks": false,
      "restartPolicy": restartPolicy.map { .text($0) },
      "terminationGracePeriodSeconds": .number(graceSeconds),
      "imagePullSecrets": settings.imagePullSecret.map { [["name": .text($0)]] },
      "securityContext": [
        "runAsNonRoot": true, "runAsUser": .number(settings.user), "runAsGroup": .number(settings.user),
        "fsGroup": .number(settings.user), "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": ["type": "RuntimeDefault"],
      ],
      "containers": [process],
      "volumes": .list(volumes.compactMap(\.source)),
    ])
  }
}
