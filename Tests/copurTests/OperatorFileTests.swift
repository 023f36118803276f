import CopurLaunch
import CopurTLS
import Foundation
import Testing

extension ProcessTests {
  /// The files in `Deploy` for those who run a service: alerts, and the service of containers.
  struct OperatorFileTests {
    private let deploy = Programs.package.appending(path: "Deploy")

    /// Prometheus' tool, where `Deploy/test.sh` has put it.
    private func promtool() throws -> String {
      let beside = URL(filePath: try Programs.python()).deletingLastPathComponent().appending(path: "promtool").path
      return FileManager.default.isExecutableFile(atPath: beside) ? beside : try Programs.system("promtool")
    }

    @Test("Prometheus takes the alerts, and each is raised when it should be", .timeLimit(.minutes(1)))
    func alerts() async throws {
      let rules = deploy.appending(path: "prometheus/copur.rules").path
      let checked = try await run(promtool(), ["check", "rules", "\(rules).yml"])
      #expect(checked.code == 0 && checked.output.contains("17 rules found"), "\(checked.output)\(checked.errors)")
      let tested = try await run(promtool(), ["test", "rules", "\(rules).test.yml"])
      #expect(tested.code == 0, "\(tested.output)\(tested.errors)")
      // Each alert has a test in which it is raised, and all have one in which they are not.
      let tests = try String(contentsOfFile: "\(rules).test.yml", encoding: .utf8)
      for match in try String(contentsOfFile: "\(rules).yml", encoding: .utf8).matches(of: /- alert: (\w+)/) {
        #expect(tests.contains("alertname: \(match.1)\n        exp_alerts:\n          - exp_labels"), "\(match.1)")
        #expect(tests.contains("{ eval_time: 59m, alertname: \(match.1), exp_alerts: [] }"), "\(match.1)")
      }
    }

    private struct Compose: Decodable {
      struct Service: Decodable {
        var image: String
        var entrypoint: [String]?
        var command: [String]?
        var secrets: [String]?
      }
      struct Secret: Decodable { var file: String }
      var services: [String: Service]
      var secrets: [String: Secret]
    }

    @Test("The service of containers: a valid file, whose commands serve and send", .timeLimit(.minutes(1)))
    func compose() async throws {
      let file = deploy.appending(path: "compose.yaml").path
      let schema = try await run(
        Programs.python(), ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", file])
      #expect(schema.code == 0, "\(schema.output)\(schema.errors)")
      let load = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))"
      let json = try await run(Programs.python(), ["-c", load, file])
      let compose = try JSONDecoder().decode(Compose.self, from: Data(json.output.utf8))
      let workshop = try await Workshop.shared.value
      let folder = try TestFolder()
      // Paths in the containers, as they are here.
      func arguments(of service: String, center: String) throws -> [String] {
        let service = try #require(compose.services[service])
        let all = (service.entrypoint ?? []) + (service.command ?? [])
        #expect(all.first == "copur")
        return try all.dropFirst().map { argument in
          if argument.hasPrefix("/run/secrets/") {
            let name = String(argument.dropFirst("/run/secrets/".count))
            #expect(service.secrets?.contains(name) == true, "\(name)")
            return try #require(compose.secrets[name]).file.replacing(
              "${COPUR_FILES}/certificates", with: workshop.certificates.directory)
          }
          return argument.replacing("/journal/", with: folder.path("") + "/").replacing("center:8001", with: center)
            .replacing(/^0\.0\.0\.0:800[01]$/, with: "127.0.0.1:0").replacing(/^\/bundle$/, with: workshop.bundle)
        }
      }
      try await withProgram(Programs.copur(), try arguments(of: "center", center: "")) { center in
        let port = try await center.listening().port
        try await withThrowingTaskGroup(of: (String, FinishedProgram).self) { group in
          for agent in SmallScenario.agents {
            let arguments = try arguments(of: agent, center: "localhost:\(port)")
            group.addTask { (agent, try await run(Programs.copur(), arguments)) }
          }
          for try await (agent, finished) in group {
            #expect(finished.code == 0 && finished.output == "\(agent): 200 accepted", "\(finished.errors)")
          }
        }
        // What Prometheus does with its secrets.
        let prometheus = try #require(compose.services["prometheus"]?.secrets)
        let files = try prometheus.map { name in
          try #require(compose.secrets[name]).file.replacing(
            "${COPUR_FILES}/certificates", with: workshop.certificates.directory)
        }
        let scraped = try await run(
          Programs.system("curl"),
          [
            "-sS", "--cacert", files[0], "--cert", files[1], "--key", files[2],
            "https://localhost:\(try await center.servingPort())/metrics",
          ])
        #expect(scraped.output.contains("copur_rounds_total{outcome=\"decided\"} 200"), "\(scraped.errors)")
      }
    }
  }
}
