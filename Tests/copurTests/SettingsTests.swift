import CopurTLS
import Foundation
import Subprocess
import Testing

extension ProcessTests {
  /// Options from a file and the environment.
  struct SettingsTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// The lines of `copur config`, each with its blanks as one.
    private func settings(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> [String] {
      let finished = try await run(Programs.copur(), ["config"] + arguments, environment: environment)
      #expect(finished.code == 0, "\(finished.errors)")
      return finished.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    }

    @Test("An option is the command line's, else the environment's, else the file's, else its default")
    func order() async throws {
      let file = try folder.write(
        """
        serve:
          bundle: models/one
          grpc: 127.0.0.1:1
          batch: 7
          liars: 2
          insecure: true
          certify: true
          defense: [copur, agent-vote]
        agent:
          connect: http://127.0.0.1:1

        """, to: "copur.yaml")
      let lines = try await settings(
        ["serve", "--config", file, "--grpc", "127.0.0.1:3", "--no-certify"],
        ["COPUR_SERVE_GRPC": "127.0.0.1:2", "COPUR_SERVE_BATCH": "8", "COPUR_SERVE_LIARS": ""])
      for line in [
        "bundle: models/one # \(file):2", "grpc: 127.0.0.1:3 # command line", "batch: 8 # $COPUR_SERVE_BATCH",
        "liars: 2 # \(file):5", "insecure: true # \(file):6", "certify: false # command line",
        "defense: [copur, agent-vote] # \(file):8", "batch-delay: 2.0ms # default", "# journal: # not set",
        "log-level: info # default",
      ] {
        #expect(lines.contains(line), "\(line) in \(lines)")
      }
    }

    @Test("What is printed is a settings file that says the same")
    func listing() async throws {
      let environment = ["COPUR_SERVE_DEFENSE": "copur\n{ kind: randomized-smoothing, sigma: 2 }"]
      let first = try await run(
        Programs.copur(), ["config", "serve", "a bundle", "--insecure", "--no-resume-rounds"], environment: environment)
      let file = try folder.write(first.output + "\n", to: "printed.yaml")
      let lines = try await settings(["serve"], ["COPUR_CONFIG": file])
      let values = { (lines: [Substring]) in
        lines.map { $0.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
      }
      #expect(values(lines.map { $0[...] }) == values(first.output.split(separator: "\n")))
      #expect(lines.contains { $0.hasPrefix("bundle: \"a bundle\" #") })
      #expect(lines.contains { $0.hasPrefix("defense: [copur, \"{ kind: randomized-smoothing, sigma: 2 }\"] #") })
    }

    @Test(
      "Whoever sets what is none is named: 78",
      arguments: [
        (["COPUR_SERVE_GRCP": "x"], "", "$COPUR_SERVE_GRCP sets no option of copur serve; did you mean \"GRPC\""),
        (["COPUR_SERVE_LABELS": "yes"], "", "$COPUR_SERVE_LABELS is true or false (actual: \"yes\")"),
        (["COPUR_SERVE_GRPC": "nowhere"], "", "copur: grpc is set by $COPUR_SERVE_GRPC: nowhere"),
        ([:], "serve:\n  batch: many\n", "copur: batch is set by %/copur.yaml:2: many"),
        ([:], "serve:\n  bacth: 1\n", "%/copur.yaml:2:3: error: unknown key \"bacth\""),
        ([:], "agent:\n  conect: x\n", "%/copur.yaml:2:3: error: unknown key \"conect\""),
        ([:], "serve:\n  tls-key: key.pem\n", "copur: tls-key is set by %/copur.yaml:2: key.pem"),
        ([:], "serve:\n  bundle: -x\n", "bundle does not begin with a dash"),
      ])
    func wrong(_ environment: [String: String], file: String, message: String) async throws {
      try folder.write(file, to: "copur.yaml")
      let finished = try await run(
        Programs.copur(),
        ["serve", "--insecure", "--config", folder.path("copur.yaml")]
          + (file.contains("bundle") ? [] : ["bundle"]), environment: environment)
      #expect(finished.code == 78, "\(finished.errors)")
      #expect(finished.errors.contains(message.replacing("%", with: folder.url.path)), "\(finished.errors)")
    }

    @Test("Variables that Kubernetes makes for a service of that name set nothing")
    func serviceVariables() async throws {
      let lines = try await settings(
        ["serve", "bundle", "--insecure"],
        [
          "COPUR_SERVE_SERVICE_HOST": "10.0.0.1", "COPUR_SERVE_SERVICE_PORT_GRPC": "8001",
          "COPUR_SERVE_PORT": "tcp://10.0.0.1:8001", "COPUR_SERVE_PORT_8001_TCP_ADDR": "10.0.0.1",
        ])
      #expect(lines.contains("grpc: 127.0.0.1:8001 # default"))
    }

    @Test("Help is there whatever the settings are, and a wrong command line is still 64")
    func help() async throws {
      let environment = ["COPUR_SERVE_NONE": "x", "COPUR_CONFIG": folder.path("none.yaml")]
      let help = try await run(Programs.copur(), ["serve", "--help"], environment: environment)
      #expect(help.code == 0 && help.output.contains("--config <file>"))
      let missing = try await run(
        Programs.copur(), ["serve"], environment: ["COPUR_CONFIG": folder.path("none.yaml")])
      #expect(missing.code == 66 && missing.errors.contains("none.yaml: the settings file cannot be read"))
      #expect(try await run(Programs.copur(), ["serve", "--nothing"]).code == 64)
      #expect(try await run(Programs.copur(), ["data", "list"], environment: environment).code == 0)
    }

    @Test("A service of a file and the environment alone, and a run on a machine that has such settings")
    func service() async throws {
      let workshop = try await Workshop.shared.value
      let (pair, ca) = (workshop.certificates.server, workshop.certificates.ca)
      let file = try folder.write(
        """
        serve:
          bundle: \(workshop.bundle)
          tls-certificate: \(pair.chain)
          tls-key: \(pair.key)
          tls-ca: \(ca)
          log-format: text

        """, to: "copur.yaml")
      let environment = ["COPUR_CONFIG": file, "COPUR_SERVE_GRPC": "127.0.0.1:0", "COPUR_AGENT_BATCH": "nonsense"]
      try await withProgram(Programs.copur(), ["serve"], environment: environment) { center in
        _ = try await center.listening()
        #expect(center.errors.lines.contains { $0.contains(" copur.serve:") && !$0.hasPrefix("{") })
        center.send(SIGTERM)
        try await expectEnding(of: center, .exited(0))
      }
      // Its processes are told everything by the run.
      let scenario = try folder.write(
        SmallScenario(attacks: ["{ name: clean }"], defenses: "[copur]").text, to: "small.yaml")
      let finished = try await run(
        Programs.copur(), ["run", scenario, "--cache", workshop.cache], environment: environment)
      #expect(finished.code == 0, "\(finished.errors)")
    }
  }
}
