import Foundation
import Testing

extension ProcessTests {
  /// `copur deploy kubernetes`: manifests that Kubernetes takes, and whose containers' commands do their work.
  struct KubernetesTests {
    private let folder: TestFolder
    private let workshop: Workshop
    private let image = ["--image", "registry.example/copur:0.1.0"]

    init() async throws {
      folder = try TestFolder()
      workshop = try await Workshop.shared.value
    }

    /// Certificates whose server is called as the Service is.
    private func certificates(hosts: [String] = ["copur", "localhost"]) async throws -> String {
      let path = folder.path("certificates")
      let made = try await run(
        Programs.copur(), ["certs", path, "--agents"] + SmallScenario.agents + ["--hosts"] + hosts)
      #expect(made.code == 0, "\(made.errors)")
      return path
    }

    private func deploy(_ arguments: [String], of target: String? = nil) async throws -> FinishedProgram {
      try await run(
        Programs.copur(),
        ["deploy", "kubernetes", target ?? workshop.bundle, "--out", folder.path("manifests")] + image + arguments)
    }

    @Test(
      "Kubernetes' schemas take all that is written, whatever the options", .timeLimit(.minutes(1)),
      arguments: [
        (["--insecure", "--no-agents"], ["StatefulSet": 1, "Service": 2, "ConfigMap": 1, "NetworkPolicy": 2]),
        (
          ["--insecure", "--data-claim", "data", "--namespace", "lab", "--create-namespace", "--name", "edge"],
          ["Namespace": 1, "Job": 4, "NetworkPolicy": 3]
        ),
        (
          [
            "--insecure", "--rows", "top-left=tcp:collector:9000", "--rows", "top-right=rows/a.csv", "--follow",
            "--agent-option=--key=minute", "--data-claim", "rows", "--image-pull-secret", "registry",
          ], ["Deployment": 2, "NetworkPolicy": 4]
        ),
        (
          [
            "--cert-manager-issuer", "ca", "--data-claim", "data", "--pod-monitor", "--agents", "top-left",
            "--storage-class", "fast", "--memory", "200:300", "--agent-memory", "100", "--center-option=--deadline=1s",
          ], ["Certificate": 3, "PodMonitor": 1, "Job": 1]
        ),
        (["--insecure", "--no-agents", "--bundle-claim", "models:fashion/a"], ["StatefulSet": 1]),
        (["--insecure", "--no-agents", "--bundle-in-image", "/bundle"], ["StatefulSet": 1]),
      ])
    func valid(_ arguments: [String], _ kinds: [String: Int]) async throws {
      let written = try await deploy(arguments)
      #expect(written.code == 0, "\(written.errors)")
      let validation = try await KubernetesManifests.validate(folder.path("manifests"))
      #expect(validation.faults == [])
      for (kind, count) in kinds { #expect(validation.kinds[kind] == count, "\(kind): \(validation.kinds)") }
    }

    @Test("A simulation is a Job with its scenario and a volume for results", .timeLimit(.minutes(1)))
    func simulation() async throws {
      let scenario = try folder.write(SmallScenario().text, to: "small.yaml")
      let written = try await deploy(["--data-claim", "data"], of: scenario)
      #expect(written.code == 0, "\(written.errors)")
      let validation = try await KubernetesManifests.validate(folder.path("manifests"))
      #expect(validation.faults == [])
      #expect(
        validation.kinds == ["ConfigMap": 1, "Job": 1, "PersistentVolumeClaim": 1, "NetworkPolicy": 1])
    }

    @Test("The same input gives the same bytes", .timeLimit(.minutes(1)))
    func deterministic() async throws {
      let arguments = ["--certificates", try await certificates(), "--data-claim", "data", "--pod-monitor"]
      var texts: [[String: String]] = []
      for _ in 0..<2 {
        #expect(try await deploy(arguments).code == 0)
        let manifests = folder.url.appending(path: "manifests")
        let names = try FileManager.default.contentsOfDirectory(atPath: manifests.path)
        texts.append(
          try Dictionary(
            uniqueKeysWithValues: names.map {
              ($0, try String(contentsOf: manifests.appending(path: $0), encoding: .utf8))
            }))
        try FileManager.default.removeItem(at: manifests)
      }
      #expect(texts[0].count == 7 && texts[0] == texts[1])
    }

    @Test("Keys are in one file, which its owner alone may read, and nowhere else", .timeLimit(.minutes(1)))
    func secrets() async throws {
      let certificates = try await certificates()
      let shell = "umask 0; exec \"$@\""
      let written = try await run(
        Programs.system("bash"),
        [
          "-c", shell, "_", try Programs.copur(), "deploy", "kubernetes", workshop.bundle, "--out",
          folder.path("manifests"), "--certificates", certificates, "--data-claim", "data", "--pod-monitor",
        ] + image)
      #expect(written.code == 0, "\(written.errors)")
      let manager = FileManager.default
      for file in try manager.contentsOfDirectory(atPath: folder.path("manifests")) {
        let mode = try manager.attributesOfItem(atPath: folder.path("manifests/\(file)"))[.posixPermissions] as? Int
        #expect(mode == (file == "secrets.yaml" ? 0o600 : 0o644), "\(file)")
      }
      for name in try manager.contentsOfDirectory(atPath: certificates) where name.hasSuffix(".key") {
        let key = try #require(manager.contents(atPath: "\(certificates)/\(name)")).base64EncodedString()
        let body = String(decoding: try #require(manager.contents(atPath: "\(certificates)/\(name)")), as: UTF8.self)
          .split(separator: "\n")[1]
        #expect(!written.output.contains(body) && !written.errors.contains(body))
        // Of all keys only those that pods need: not the authority's, a client's or an administrator's.
        let isNeeded = name == "server.key" || name.hasPrefix("agent-") || name == "viewer-viewer.key"
        let holders = try manager.contentsOfDirectory(atPath: folder.path("manifests")).filter {
          try String(contentsOfFile: folder.path("manifests/\($0)"), encoding: .utf8).contains(key)
        }
        #expect(holders == (isNeeded ? ["secrets.yaml"] : []), "\(name)")
      }
    }

    @Test(
      "What is wrong is said before anything is written", .timeLimit(.minutes(1)),
      arguments: [
        ([], 64, "certificates come from --certificates DIR"),
        (["--insecure"], 64, "give --data-claim CLAIM, or --rows top-left=tcp:HOST:PORT"),
        (["--insecure", "--no-agents", "--name", "Big"], 64, "--name is 1 to 30 of a-z"),
        (["--insecure", "--no-agents", "--center-option=--deadlin=1s"], 64, "Unknown option '--deadlin'"),
        (["--insecure", "--rows", "watch=tcp:a:1"], 64, "(actual: \"watch\")"),
        (["--insecure", "--rows", "top-left=../a", "--data-claim", "d"], 64, "(actual: \"../a\")"),
        (["--insecure", "--no-agents", "--memory", "5"], 64, "--memory is REQUEST or REQUEST:LIMIT in MiB"),
        (["--certificates", "/nowhere", "--no-agents"], 66, "/nowhere/server.pem"),
        (["--insecure", "--existing-secrets"], 64, "--existing-secrets or --insecure"),
        (["--insecure", "--no-agents", "--namespace", "a.b"], 64, "--namespace is 1 to 63"),
        (["--insecure", "--no-agents", "--user-id", "0"], 64, "nothing runs as root"),
      ])
    func mistakes(_ arguments: [String], _ code: Int32, _ words: String) async throws {
      let refused = try await deploy(arguments)
      #expect(refused.code == code && refused.errors.contains(words), "\(refused.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
    }

    @Test("A certificate for other hosts, and a folder that is in use, are refused", .timeLimit(.minutes(1)))
    func refusals() async throws {
      let certificates = try await certificates(hosts: ["localhost"])
      let other = try await deploy(["--certificates", certificates, "--no-agents"])
      #expect(other.code == 78 && other.errors.contains("--hosts copur localhost 127.0.0.1 --renew"), "\(other.errors)")
      try folder.write("mine", to: "manifests/notes.txt")
      let used = try await deploy(["--insecure", "--no-agents"])
      #expect(used.code == 73 && used.errors.contains("notes.txt"), "\(used.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("manifests")) == ["notes.txt"])
    }

    @Test("The page's commands: the center is ready by its probe, the agents' Jobs end with 0", .timeLimit(.minutes(2)))
    func page() async throws {
      let text = try String(
        contentsOf: Programs.package.appending(path: "Sources/CopurDeploy/Docs.docc/OnKubernetes.md"), encoding: .utf8)
      let block = try #require(text.components(separatedBy: "```sh\n").dropFirst().first).components(
        separatedBy: "```")[0]
      // All but kubectl's, which needs a cluster.
      let commands = block.replacing("\\\n", with: "").split(separator: "\n").filter { !$0.hasPrefix("kubectl") }
      #expect(commands.count == 2)
      try FileManager.default.createDirectory(atPath: folder.path("bin"), withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(
        atPath: folder.path("bin/copur"), withDestinationPath: Programs.copur())
      try FileManager.default.createSymbolicLink(
        atPath: folder.path("bundle"), withDestinationPath: workshop.bundle)
      let written = try await run(
        Programs.system("bash"), ["-ec", "cd '\(folder.url.path)'\n" + commands.joined(separator: "\n")],
        environment: ["PATH": "\(folder.path("bin")):/usr/bin:/bin"])
      #expect(written.code == 0, "\(written.errors)")
      #expect(try await KubernetesManifests.validate(folder.path("manifests")).faults == [])
      let played = try await play(claims: ["data": "/usr/share/datasets"])
      #expect(played.agents.count == 4 && played.agents.values.allSatisfy { $0 == 0 }, "\(played.logs)")
      for agent in SmallScenario.agents {
        #expect(played.logs["copur-agent-\(agent)"]?.contains("\(agent): 200 accepted") == true, "\(played.logs)")
      }
      try await expectDecided(200)
    }

    @Test(
      "Deployments of agents with rows of their own go on, and end with 0 when they are told to",
      .timeLimit(.minutes(2)))
    func rows() async throws {
      struct Manifest: Decodable {
        struct Agent: Decodable {
          var name: String
          var columns: [String]
        }
        var agents: [Agent]
      }
      let manifest = try JSONDecoder().decode(
        Manifest.self, from: Data(contentsOf: URL(filePath: workshop.bundle).appending(path: "bundle.json")))
      for agent in manifest.agents {
        let rows = (0..<3).map { row in agent.columns.map { _ in "\(40 * row)" }.joined(separator: ",") }
        try folder.write(
          ([agent.columns.joined(separator: ",")] + rows).joined(separator: "\n") + "\n", to: "rows/\(agent.name).csv")
      }
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path("rows"))
      let options = SmallScenario.agents.flatMap { ["--rows", "\($0)=\($0).csv"] }
      let written = try await deploy(
        ["--certificates", try await certificates(), "--data-claim", "rows", "--follow"] + options)
      #expect(written.code == 0, "\(written.errors)")
      let played = try await play(claims: ["rows": folder.path("rows")])
      #expect(played.lasting.count == 4 && played.agents.values.allSatisfy { $0 == 0 }, "\(played.logs)")
      try await expectDecided(3)
    }

    private func play(claims: [String: String]) async throws -> KubernetesManifests.Play {
      try FileManager.default.createDirectory(atPath: folder.path("journal"), withIntermediateDirectories: false)
      let played = try await KubernetesManifests.play(
        folder.path("manifests"), claims: claims, journal: folder.path("journal"))
      #expect(played.started && played.live && played.ready, "\(played.logs)")
      // A pod that takes the first one's place finds its journal.
      #expect(
        played.center == 0 && played.startedAgain && played.readyAgain && played.centerAgain == 0, "\(played.logs)")
      #expect(played.owner == 10001)
      return played
    }

    private func expectDecided(_ rounds: Int) async throws {
      let list = try await run(Programs.copur(), ["journal", "list", folder.path("journal/rounds.sqlite")])
      #expect(list.output.split(separator: "\n").count { $0.contains(" decided") } == rounds, "\(list.errors)")
    }
  }
}
