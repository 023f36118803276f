import CopurLaunch
import CopurScenarios
import CopurTLS
import Foundation
import Subprocess
import Testing

extension ProcessTests {
  /// Real sensor data of ten agents.
  @Suite(.enabled(if: SensorData.folder != nil, "ExtraSensory is not in $COPUR_DATA"))
  struct SensorTests {
    private let folder: TestFolder
    private let data: [String]

    init() throws {
      folder = try TestFolder()
      data = ["--data", try #require(SensorData.folder)]
    }

    @Test("Eleven processes and one give the same predictions, byte by byte", .timeLimit(.minutes(2)))
    func sameByteByByte() async throws {
      let scenario = try folder.write(SensorData.scenario(silent: "1"), to: "sensors.yaml")
      let arguments =
        ["run", scenario, "--predictions", "--cache", folder.path("cache"), "--out"].map { $0 } + [
          folder.path("network")
        ]
      var processes: Set<ProcessEntry> = []
      try await withProgram(Programs.copur(), arguments + data) { program in
        try await eventually {
          guard program.entry.isAlive else { throw MissingProgram("it ended early: \(program.errors.text)") }
          return !folder.lines(of: "network/results.jsonl").isEmpty
        }
        processes = Set(ProcessTable.children(of: program.entry))
        #expect(processes.count { $0.arguments.contains("serve") } == 1)
        #expect(processes.count { $0.arguments.contains("--agent") } == 10)
        #expect(processes.count == 11)
        try await expectEnding(of: program, .exited(0))
        // These sensors have columns that never changed in training.
        let expected = ["are played again", "copur: warning: columns without a"]
        #expect(
          program.errors.lines.allSatisfy { line in expected.contains { line.contains($0) } },
          "\(program.errors.text)")
      }
      #expect(processes.allSatisfy { !$0.isAlive })
      let local = try await run(
        Programs.copur(), arguments.dropLast() + [folder.path("local"), "--in-process"] + data)
      #expect(local.code == 0, "\(local.errors)")
      let predictions = folder.lines(of: "network/predictions.csv")
      #expect(predictions.count == 1 + 4 * SmallScenario.defenses.count * SensorData.rows)
      #expect(predictions == folder.lines(of: "local/predictions.csv"))
    }

    @Test("A foreign client watches ten agents, one of them foreign too", .timeLimit(.minutes(1)))
    func foreignClient() async throws {
      // Every agent speaks of every row, so that each verdict has all of them.
      let scenario = try folder.write(SensorData.scenario(silent: "never"), to: "sensors.yaml")
      let bundle = folder.path("bundle")
      let trained = try await run(Programs.copur(), ["train", scenario, "--out", bundle] + data)
      #expect(trained.code == 0, "\(trained.errors)")
      let version = try #require(trained.output.split(separator: " ").dropFirst(2).first?.dropLast())
      let certificates = try DevelopmentCertificates.make(in: folder.path("certificates"), agents: SensorData.agents)
      func tls(_ pair: DevelopmentCertificates.Pair) -> [String] {
        ["--tls-certificate", pair.chain, "--tls-key", pair.key, "--tls-ca", certificates.ca]
      }
      let arguments = ["serve", bundle, "--grpc", "127.0.0.1:0", "--deadline", "30s"] + tls(certificates.server)
      try await withProgram(Programs.copur(), arguments) { center in
        let port = try await center.listening().port
        let target = ForeignAgent.Target(
          port: port, certificates: certificates, agents: SensorData.agents, modelVersion: String(version), width: 32)
        let own = Dictionary(uniqueKeysWithValues: SensorData.agents.map { ($0, tls(certificates.agent($0))) })
        try await LiveSession(target: target, rows: SensorData.rows) { [data] agent in
          ["agent", bundle, "--agent", agent, "--connect", "https://127.0.0.1:\(port)"] + data + (own[agent] ?? [])
        }.check()
      }
    }
  }
}
