import CopurScenarios
import Foundation
import Testing

extension ProcessTests {
  /// `copur run` from a scenario to its results.
  struct RunTests {
    private let folder: TestFolder
    private let scenario: String

    init() throws {
      folder = try TestFolder()
      scenario = try folder.write(SmallScenario(seeds: [0, 1]).text, to: "small.yaml")
    }

    /// Runs the scenario, and looks for its processes once something is measured.
    private func run(
      _ mode: [String], to out: String, scenario: String? = nil
    ) async throws -> (finished: FinishedProgram, processes: [ProcessEntry]) {
      let workshop = try await Workshop.shared.value
      let arguments = [
        "run", scenario ?? self.scenario, "--out", folder.path(out), "--predictions", "--cache", workshop.cache,
      ]
      return try await withProgram(Programs.copur(), arguments + mode) { program in
        try await eventually { !program.entry.isAlive || !folder.lines(of: "\(out)/results.jsonl").isEmpty }
        let processes = ProcessTable.children(of: program.entry)
        let status = try await program.ending()
        return (
          FinishedProgram(status: status, output: program.output.text, errors: program.errors.text), processes
        )
      }
    }

    @Test("Over the network and in one process: the same predictions, byte by byte", .timeLimit(.minutes(2)))
    func sameByteByByte() async throws {
      let (networked, processes) = try await run([], to: "network")
      let (local, none) = try await run(["--in-process"], to: "local")
      #expect(processes.count == 1 + SmallScenario.agents.count && processes.allSatisfy { !$0.isAlive })
      #expect(none.isEmpty)
      #expect(networked.code == 0, "\(networked.errors)")
      #expect(local.code == 0, "\(local.errors)")
      let predictions = folder.lines(of: "network/predictions.csv")
      let trials = 2 * SmallScenario.attackNames.count * SmallScenario.defenses.count
      #expect(predictions.count == 1 + trials * SmallScenario.rows)
      #expect(predictions.first == "seed,attack,defense,sample,label,prediction,certified_agents")
      #expect(
        try Data(contentsOf: URL(filePath: folder.path("network/predictions.csv")))
          == Data(contentsOf: URL(filePath: folder.path("local/predictions.csv"))))
      // In a pipe there is no progress; a late agent, if this machine is busy, is worth a line.
      for finished in [networked, local] {
        #expect(finished.errors.split(separator: "\n").allSatisfy { $0.contains("are played again") })
      }
      try checkTable(networked.output)
      try checkMeasures(
        checkRows(of: "network", mode: "network"), againstLocal: checkRows(of: "local", mode: "in-process"))
      try checkRecord(of: "network", mode: "network")
    }

    /// Noise, subsets and further models are the bundle's, and the settings those that the processes are told.
    @Test("Defences with settings and models of their own: the same over the network", .timeLimit(.minutes(2)))
    func defensesWithSettings() async throws {
      let defenses = [
        "{ kind: randomized-smoothing, name: noisy, sigma: 3, draws: 50 }", "{ kind: randomized-ablation, keep: 1 }",
        "{ kind: adversarial-training-block, goal: targeted, target: Bag, iterations: 3 }",
        "{ kind: copur-smoothing, sigma: 2, draws: 20 }",
      ]
      let small = SmallScenario(
        attacks: [SmallScenario().attacks[1]], defenses: "[\(defenses.joined(separator: ", "))]")
      let scenario = try folder.write(small.text, to: "settings.yaml")
      var predictions: [[String]] = []
      for (out, mode) in [("settings-network", []), ("settings-local", ["--in-process"])] {
        let (finished, _) = try await run(mode, to: out, scenario: scenario)
        #expect(finished.code == 0, "\(finished.errors)")
        predictions.append(folder.lines(of: "\(out)/predictions.csv"))
      }
      #expect(predictions[0] == predictions[1])
      #expect(predictions[0].count == 1 + defenses.count * SmallScenario.rows)
      #expect(predictions[0].contains { $0.hasPrefix("0,flip,noisy,") })
    }

    /// Numbers are what agents are told to send, and who is silent may change from sample to sample.
    @Test("Attacks that know the defence, and the worst agents: the same over the network", .timeLimit(.minutes(2)))
    func furtherAttacks() async throws {
      let one = "agents: [bottom-right]"
      let attacks = [
        "{ name: knows, kind: adaptive-pgd, goal: untargeted, \(one), iterations: 3, restarts: 2 }",
        "{ name: asks, kind: black-box, goal: untargeted, \(one), queries: 8 }", "{ name: old, kind: replay, \(one) }",
        "{ name: noise, kind: gaussian, \(one) }", "{ name: silence, kind: worst-missing, budget: 2 }",
        "{ name: worst, kind: worst-combination, budget: 2, attack: { kind: feature-flipping } }",
      ]
      let small = SmallScenario(attacks: attacks, defenses: "[unsecured, copur]")
      let scenario = try folder.write(small.text, to: "attacks.yaml")
      var predictions: [[String]] = []
      for (out, mode) in [("attacks-network", []), ("attacks-local", ["--in-process"])] {
        let (finished, _) = try await run(mode, to: out, scenario: scenario)
        #expect(finished.code == 0, "\(finished.errors)")
        predictions.append(folder.lines(of: "\(out)/predictions.csv"))
      }
      #expect(predictions[0] == predictions[1])
      #expect(predictions[0].count == 1 + 2 * attacks.count * SmallScenario.rows)
    }

    /// A round has every agent or those that the attack left, in one process as over the network.
    @Test("How many agents a verdict withstands: the same over the network", .timeLimit(.minutes(2)))
    func certified() async throws {
      let small = SmallScenario(
        attacks: ["{ name: clean }", "{ name: silent, kind: missing, agents: [top-left] }"],
        defenses: "[{ kind: randomized-ablation, keep: 1 }, unsecured]", certify: "always")
      let scenario = try folder.write(small.text, to: "certified.yaml")
      var predictions: [[String]] = []
      for (out, mode) in [("certified-network", []), ("certified-local", ["--in-process"])] {
        let (finished, _) = try await run(mode, to: out, scenario: scenario)
        #expect(finished.code == 0, "\(finished.errors)")
        predictions.append(folder.lines(of: "\(out)/predictions.csv"))
      }
      #expect(predictions[0] == predictions[1])
      let fields = predictions[0].dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      #expect(fields.allSatisfy { ($0[2] == "unsecured") == (Int($0[6]) == nil) })
      #expect(fields.contains { $0[6] == "1" })
    }

    private func checkTable(_ text: String) throws {
      let lines = text.split(separator: "\n")
      #expect(lines.first == "small: fashion-mnist, 200 samples, network, 2 seeds")
      for defense in SmallScenario.defenses { #expect(lines[1].contains(defense)) }
      for attack in SmallScenario.attackNames {
        #expect(lines.count { $0.hasPrefix("\(attack)  ") } == 1, "\(attack) is one line of:\n\(text)")
      }
    }

    /// A line of results.jsonl, with every key that design.md lists.
    private struct Row: Decodable {
      var scenario, dataset, mode, defense, attack: String
      var goal: String?
      var seed, n: Int
      var attackKinds, compromised, missing: [String]
      var amplification, attackSuccessRate: Double?
      var accuracy, balancedAccuracy, majorityRate, secondsPerSample: Double
      var suspectPrecision, suspectRecall, falseAlarmRate, reconstructionError: Double?
      var residuals: [Residuals]?

      struct Residuals: Decodable, Equatable {
        var agent: String
        var quartiles: [Double]?
      }

      static let keys = [
        "scenario", "dataset", "seed", "mode", "defense", "attack", "attack_kinds", "goal", "compromised", "missing",
        "amplification", "n", "accuracy", "balanced_accuracy", "majority_rate", "attack_success_rate",
        "seconds_per_sample", "suspect_precision", "suspect_recall", "false_alarm_rate", "residuals",
        "reconstruction_error", "reconstruction_quartiles", "change_norm", "search", "warnings",
        "false_alarms", "alarm_recall", "alarm_false_rate", "knowledge",
        "clean_success_rate", "accuracy_deviation", "balanced_accuracy_deviation",
      ]
    }

    /// Verdicts carry suspects and residuals, so both modes measure the same; embeddings stay in the fusion center.
    private func checkMeasures(_ networked: [Row], againstLocal local: [Row]) {
      for (row, twin) in zip(networked, local) {
        #expect(row.suspectPrecision == twin.suspectPrecision && row.suspectRecall == twin.suspectRecall)
        #expect(row.falseAlarmRate == twin.falseAlarmRate && row.residuals == twin.residuals)
        #expect(row.reconstructionError == nil)
        #expect((twin.reconstructionError != nil) == (row.defense != "unsecured"))
        let isPurified = row.defense.hasPrefix("copur")
        #expect((row.residuals != nil) == isPurified && (row.falseAlarmRate != nil) == isPurified)
        #expect((row.suspectRecall != nil) == (isPurified && !row.compromised.isEmpty))
        for agent in row.residuals ?? [] {
          #expect((agent.quartiles == nil) == row.missing.contains(agent.agent))
        }
      }
    }

    private func checkRows(of out: String, mode: String) throws -> [Row] {
      let lines = folder.lines(of: "\(out)/results.jsonl")
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      let rows = try lines.map { try decoder.decode(Row.self, from: Data($0.utf8)) }
      for line in lines {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(Set(object.keys) == Set(Row.keys))
      }
      let expected = [0, 1].flatMap { seed in
        SmallScenario.attackNames.flatMap { attack in SmallScenario.defenses.map { "\(seed) \(attack) \($0)" } }
      }
      #expect(rows.map { "\($0.seed) \($0.attack) \($0.defense)" } == expected)
      for row in rows {
        #expect(row.scenario == "small" && row.dataset == "fashion-mnist" && row.mode == mode)
        #expect(row.n == SmallScenario.rows && row.secondsPerSample > 0)
        for rate in [row.accuracy, row.balancedAccuracy, row.majorityRate, row.attackSuccessRate ?? 0] {
          #expect((0...1).contains(rate))
        }
        #expect((row.attackSuccessRate == nil) == (row.attack == "clean"))
        #expect(row.goal == (row.attack == "pgd" ? "targeted" : nil))
        #expect(row.amplification == (row.attack.contains("flip") ? 10 : nil))
        #expect(row.compromised == (row.attack == "clean" ? [] : ["bottom-right"]))
        #expect(row.missing == (row.attack == "missing and flip" ? ["top-left"] : []))
      }
      let table = folder.lines(of: "\(out)/results.csv")
      #expect(table.first == Row.keys.joined(separator: ","))
      #expect(table.count == 1 + rows.count)
      return rows
    }

    private func checkRecord(of out: String, mode: String) throws {
      struct Record: Decodable {
        struct Bundle: Decodable {
          var seed, code: Int
          var modelVersion, manifold: String
        }
        struct Machine: Decodable {
          var cores, memoryBytes: Int
          var operatingSystem: String
        }
        var copurVersion, scenario, scenarioText, mode, dataset, datasetDigest: String
        var seeds: [Int]
        var trainRows, testRows: Int
        var bundles: [Bundle]
        var machine: Machine
        var started, finished: Date
      }
      let decoder = JSONDecoder()
      decoder.dateDecodingStrategy = .iso8601
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      let record = try decoder.decode(
        Record.self, from: Data(contentsOf: URL(filePath: folder.path("\(out)/run.json"))))
      #expect(record.copurVersion == copurVersionString)
      #expect(record.scenario == "small" && record.mode == mode && record.dataset == "fashion-mnist")
      #expect(record.scenarioText == SmallScenario(seeds: [0, 1]).text)
      #expect(record.datasetDigest.count == 64)
      #expect(record.seeds == [0, 1] && record.bundles.map(\.seed) == [0, 1])
      #expect(Set(record.bundles.map(\.modelVersion)).count == 2)
      #expect(record.bundles.allSatisfy { $0.code == 8 && $0.manifold == "linear" })
      #expect(record.trainRows == 1000 && record.testRows == SmallScenario.rows)
      #expect(record.machine.cores >= 1 && record.machine.memoryBytes > 0)
      #expect(record.started <= record.finished)
    }
  }
}
