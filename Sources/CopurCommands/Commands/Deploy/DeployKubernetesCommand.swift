import ArgumentParser
import CopurCore
import CopurDatasets
import CopurDeploy
import CopurScenarios
import CopurServing
import Foundation

/// `copur deploy kubernetes`: manifests.
struct DeployKubernetesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kubernetes",
    abstract: "Write Kubernetes' manifests of a bundle's service, or of a whole simulation.",
    discussion: """
      Of a BUNDLE: a StatefulSet with a volume for the journal, Services, and a Job for each agent, or a Deployment for one \
      whose rows go on; certificates as Secrets, the bundle as ConfigMaps, NetworkPolicies, and a kustomization.yaml. Of a \
      SCENARIO: a Job that runs it as `copur run` does, and keeps its results in a volume. Nothing is sent anywhere: apply \
      the folder with kubectl. Keys are in secrets.yaml alone, which nobody but you may read.

      Examples:
        copur certs certificates --agents acc gyro --hosts copur localhost 127.0.0.1
        copur deploy kubernetes bundle --out manifests --image registry.example/copur:0.1.0 \\
          --certificates certificates --rows acc=tcp:collector:9000 --rows gyro=gyro.csv --data-claim rows
        kubectl apply --server-side -k manifests

        copur deploy kubernetes scenario.yaml --out manifests --image registry.example/copur:0.1.0 --data-claim data
      """)

  @Argument(help: "The bundle's folder, or a scenario's file.")
  var target: String

  @Option(help: ArgumentHelp("The folder for the manifests; new, or empty.", valueName: "dir"))
  var out: String

  @OptionGroup var objects: KubernetesObjectOptions

  @OptionGroup var certificates: KubernetesCertificateOptions

  @OptionGroup var agentOptions: KubernetesAgentOptions

  @OptionGroup var serviceOptions: KubernetesServiceOptions

  @Flag(help: "Of a scenario: play everything in one process.")
  var inProcess = false

  func run() async throws {
    try await reporting {
      let folder = URL(filePath: out)
      try ManifestFolder.requireEmpty(folder)
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: target, isDirectory: &isFolder) else {
        throw CopurError(.missingInput, "a bundle's folder or a scenario's file (actual: \(target) is not there)")
      }
      let files = isFolder.boolValue ? try filesOfBundle() : try filesOfScenario()
      try ManifestFolder.write(files, to: folder)
      for file in files { try Terminal.print("\(out)/\(file.name): \(Self.contents(of: file))") }
      let namespace = objects.namespace == nil ? " --namespace NAMESPACE" : ""
      try Terminal.print("Apply them: kubectl apply --server-side\(namespace) -k \(out)")
    }
  }

  /// The content of a file: kinds, and the number of each.
  private static func contents(of file: ManifestFile) -> String {
    var kinds: [(kind: String, count: Int)] = []
    for document in file.documents {
      guard case .text(let kind) = document["kind"] else { continue }
      if let index = kinds.firstIndex(where: { $0.kind == kind }) {
        kinds[index].count += 1
      } else {
        kinds.append((kind, 1))
      }
    }
    return kinds.map { $0.count == 1 ? $0.kind : "\($0.count) \($0.kind)s" }.joined(separator: ", ")
      .replacing("Policys", with: "Policies")
  }

  private func filesOfBundle() throws -> [ManifestFile] {
    if inProcess { throw CopurError(.invalidArgument, "--in-process is about a scenario, and \(target) is a bundle") }
    let bundle = try ModelBundle(reading: URL(filePath: target))
    let agents = try agentOptions.agents(of: bundle.roster.agents)
    let names = try ObjectNames(prefix: objects.name, agents: bundle.roster.agents)
    var settings = try KubernetesSettings(
      names: names, image: objects.image, version: copurVersionString,
      bundle: objects.place(of: bundle, in: URL(filePath: target)), agents: agents)
    try objects.apply(to: &settings)
    try agentOptions.apply(to: &settings)
    try serviceOptions.apply(to: &settings)
    settings.certificates = try certificates.source(
      agents: agents.map(\.agent), host: names.prefix, scrapes: settings.hasPodMonitor)
    let deployment = try KubernetesDeployment(settings)
    // The very commands of the containers, read as their processes will read them.
    try Self.check(ServeCommand.self, deployment.centerArguments, "--center-option")
    for (agent, work) in agents {
      if let extractor = bundle.givenExtractor, !deployment.agentArguments(agent, work).contains("--trust-extractor") {
        throw CopurError(
          .configuration,
          "\(extractor) embeds the rows of agent \(agent), which the image has to have, and the agent to be told to trust: "
            + "with --rows and --agent-option=--trust-extractor")
      }
      try Self.check(AgentCommand.self, deployment.agentArguments(agent, work), "--agent-option and --rows")
    }
    for name in deployment.awaitedSecrets {
      try Terminal.print("Awaited: Secret \(name) with tls.crt, tls.key and ca.crt")
    }
    return try deployment.files
  }

  private func filesOfScenario() throws -> [ManifestFile] {
    for (option, isGiven) in certificates.given + agentOptions.given + serviceOptions.given where isGiven {
      throw CopurError(.invalidArgument, "\(option) is about a bundle's service, and \(target) is a scenario")
    }
    let file = URL(filePath: target)
    let text: String
    do { text = try String(contentsOf: file, encoding: .utf8) } catch {
      throw CopurError(.missingInput, "\(target) cannot be read", cause: error)
    }
    // Its data may be in the cluster alone; what can be known here is known before a Job is made of it.
    _ = try Scenario.load(target, data: DataDirectory(environment: ProcessInfo.processInfo.environment))
    var settings = KubernetesSettings(
      names: try ObjectNames(prefix: objects.name, agents: []), image: objects.image, version: copurVersionString,
      bundle: .image("", modelVersion: "", bytes: 0), agents: [])
    settings.centerMemory =
      try serviceOptions.memory.map { try MemoryQuantity($0, option: "--memory") }
      ?? MemoryQuantity(request: 1024, limit: 4096)
    try objects.apply(to: &settings)
    settings.dataClaim = agentOptions.dataClaim
    var simulation = try KubernetesSimulation(settings: settings, scenario: (file.lastPathComponent, text))
    simulation.isInProcess = inProcess
    return try simulation.files
  }

  private static func check<Command: ParsableCommand>(
    _ type: Command.Type, _ arguments: [String], _ options: String
  ) throws {
    do {
      _ = try type.parse(Array(arguments.dropFirst()))
    } catch {
      throw CopurError(
        .invalidArgument,
        "the options of a container are those of copur \(arguments[0]) (see \(options)): \(type.message(for: error))")
    }
  }
}
