import CopurCore
import CopurDatasets
import CopurDefenses
import CopurReports
import CopurScenarios
import Foundation
import Synchronization
import Testing

struct ScenarioRunnerTests {
  /// Five attacks, each against every defence that is compared by default.
  private static let measurements = 5 * DefenseSpec.defaults.count

  private let images: SyntheticImages

  init() throws { images = try SyntheticImages() }

  /// The predictions of one trial.
  private func predictions(
    _ all: [PredictionRow], _ attack: String, _ defense: String, seed: UInt64 = 0
  ) -> [(label: Int, prediction: Int?)] {
    all.filter { $0.attack == attack && $0.defense == defense && $0.seed == seed }.map { ($0.label, $0.prediction) }
  }

  @Test("A row for each seed, attack and defence, in the scenario's order, and its rates are those of its predictions")
  func rows() async throws {
    let (results, all) = try await ScenarioRunner(scenario: images.scenario(seeds: [4, 2]), options: images.options())
      .run()
    let attacks = ["clean", "flip", "to 3", "away", "silence"]
    #expect(
      results.map { "\($0.seed) \($0.attack) \($0.defense)" }
        == [4, 2].flatMap { seed in
          attacks.flatMap { attack in DefenseSpec.defaults.map { "\(seed) \(attack) \($0.name)" } }
        })
    for row in results {
      let trial = predictions(all, row.attack, row.defense, seed: row.seed)
      #expect(trial.count == SyntheticImages.testRows && row.n == trial.count)
      #expect(row.accuracy == Double(trial.count { $0.label == $0.prediction }) / Double(trial.count))
      #expect(row.majorityRate == 0.1)
    }
    // Nobody attacked, the patterns are easily told apart; without that the rest would show nothing.
    #expect(results.filter { $0.attack == "clean" }.allSatisfy { $0.accuracy > 0.8 })
  }

  @Test(
    "An attack's success is what it gained: its target where that was not predicted before, else what was right and is not"
  )
  func successRates() async throws {
    let (results, all) = try await ScenarioRunner(scenario: images.scenario(), options: images.options()).run()
    for row in results {
      let trial = predictions(all, row.attack, row.defense)
      let clean = predictions(all, "clean", row.defense)
      let expected: Double?
      switch row.attack {
      case "clean": expected = nil
      case "to 3":
        let others = zip(trial, clean).filter { $0.label != 3 && $1.prediction != 3 }.map(\.0)
        expected = Double(others.count { $0.prediction == 3 }) / Double(others.count)
      default:
        let right = zip(trial, clean).filter { $1.prediction == $1.label }.map(\.0)
        expected = Double(right.count { $0.prediction != $0.label }) / Double(right.count)
      }
      #expect(row.attackSuccessRate == expected, "\(row.attack) against \(row.defense)")
    }
    let unsecured = results.filter { $0.defense == "unsecured" }
    #expect(unsecured.contains { $0.attack == "to 3" && ($0.attackSuccessRate ?? 0) > 0.5 })
  }

  @Test("A defence with a training of its own decides by its own models, and the others as without it")
  func ownModels() async throws {
    let source = try images.scenario().source
    func run(_ defenses: String) async throws -> [PredictionRow] {
      let text = source + "\ndefenses: \(defenses)\n"
      let scenario = try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml"))
      return try await ScenarioRunner(scenario: scenario, options: images.options()).run().predictions
    }
    let shared = try await run("[unsecured, copur]")
    let own = try await run("[unsecured, copur, { kind: copur, name: own, training: { epochs: 1, optimizer: adam } }]")
    func labels(_ rows: [PredictionRow], _ defense: String) -> [Int?] {
      rows.filter { $0.defense == defense }.map(\.prediction)
    }
    #expect(labels(own, "unsecured") == labels(shared, "unsecured"))
    #expect(labels(own, "copur") == labels(shared, "copur"))
    #expect(labels(own, "own").count == labels(own, "copur").count && labels(own, "own") != labels(own, "copur"))
  }

  @Test("A run's record says how each way to train did, and the report can be made anew from it")
  func trainings() async throws {
    let text =
      try images.scenario().source + """

        defenses: [{ kind: copur, training: { alternatives: [{ fusion: { learning_rate: 0.25 } }, { slope: 1 }] } }]
        """
    let scenario = try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml"))
    let output = images.folder.appending(path: "trainings")
    _ = try await ScenarioRunner(scenario: scenario, options: images.options(output: "trainings")).run()
    let report = try RunReport(reading: output)
    let trainings = try #require(report.record.bundles.first?.trainings)
    #expect(trainings.map(\.changes) == [[], ["fusion.learning_rate: 0.25"], ["slope: 1"]])
    #expect(trainings.count(where: \.isTaken) == 1)
    #expect(report.html == (try String(contentsOf: output.appending(path: "report.html"), encoding: .utf8)))
  }

  @Test("Suspects, residuals and recovered embeddings, where the defence has them")
  func measures() async throws {
    let results = try await ScenarioRunner(scenario: images.scenario(), options: images.options()).run().results
    for row in results {
      let isPurified = row.defense.hasPrefix("copur")
      #expect((row.suspects != nil) == isPurified && (row.residuals != nil) == isPurified)
      #expect((row.reconstruction != nil) == (row.defense != "unsecured"))
      #expect((row.suspects?.recall != nil) == (isPurified && !row.compromised.isEmpty))
      #expect(
        row.residuals.map { $0.filter { $0.quartiles == nil }.map(\.agent) } == (isPurified ? row.missing : nil))
    }
    func error(_ attack: String, _ defense: String) -> Double? {
      results.first { $0.attack == attack && $0.defense == defense }?.reconstruction?.mean
    }
    // Nobody attacked, the projection recovers what it would have; an agent that flips takes it away.
    #expect(error("clean", "manifold-projection") == 0)
    let flipped = try #require(error("flip", "manifold-projection"))
    #expect(try #require(error("flip", "copur")) < flipped)
  }

  @Test("Results say who was chosen, how, how far off the lies were, and the same attack is the same each time")
  func furtherAttacks() async throws {
    let attacks = [
      "{ name: knows, kind: adaptive-pgd, goal: untargeted, agents: [top-left], restarts: 2, iterations: 5 }",
      "{ name: asks, kind: black-box, goal: untargeted, agents: [top-left], queries: 20 }",
      "{ name: old, kind: replay, agents: [top-left] }", "{ name: noise, kind: gaussian, agents: [top-left] }",
      "{ name: silence, kind: worst-missing, budget: 2 }",
      "{ name: worst, kind: worst-combination, budget: 1, limit: 2, attack: { kind: constant } }",
      "{ name: flip, kind: feature-flipping, agents: [top-left] }",
    ]
    let scenario = try images.scenario(attacks: attacks)
    let (results, all) = try await ScenarioRunner(scenario: scenario, options: images.options()).run()
    func accuracy(_ attack: String, _ defense: String) -> Double {
      results.first { $0.attack == attack && $0.defense == defense }?.accuracy ?? -1
    }
    for row in results {
      #expect((row.changeNorm == nil) == row.compromised.isEmpty)
      #expect(row.search == ["silence": "exhaustive", "worst": "greedy"][row.attack])
      #expect(row.warnings.isEmpty || row.attack == "asks", "\(row.attack), \(row.defense): \(row.warnings)")
      if row.attack == "silence" { #expect(!row.missing.isEmpty && row.compromised.isEmpty) }
      if row.attack == "knows" {
        #expect(row.compromised == ["top-left"] && row.accuracy <= accuracy("flip", row.defense))
      }
    }
    #expect(try await ScenarioRunner(scenario: scenario, options: images.options()).run().predictions == all)
  }

  @Test("Fewer agents than the quorum: no prediction, which is never right")
  func quorum() async throws {
    // The scenario's own check is against the quorum, so one is set here that the attack stays just within.
    let (results, all) = try await ScenarioRunner(scenario: images.scenario(quorum: 2), options: images.options()).run()
    #expect(all.allSatisfy { $0.prediction != nil })
    #expect(results.count == Self.measurements)
    let error = #expect(throws: ScenarioError.self) { try images.scenario(quorum: 3) }
    #expect(error?.message.contains("(min: 3, actual: 2)") == true)
  }

  @Test("Results are on the disk after each measurement; run.json is finished at the end alone")
  func files() async throws {
    let output = images.folder.appending(path: "out")
    @Sendable func record() throws -> [String: Any] {
      let data = try Data(contentsOf: output.appending(path: "run.json"))
      return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
    @Sendable func lines(_ name: String) throws -> Int {
      try String(contentsOf: output.appending(path: name), encoding: .utf8).split(whereSeparator: \.isNewline).count
    }
    let seen = Mutex<[(completed: Int, rows: Int, predictions: Int, isFinished: Bool)]>([])
    let runner = ScenarioRunner(scenario: try images.scenario(), options: images.options(output: "out")) { event in
      guard case .measured(_, let completed, let total) = event, total == Self.measurements else { return }
      seen.withLock {
        $0.append(
          (
            completed, (try? lines("results.jsonl")) ?? -1, (try? lines("predictions.csv")) ?? -1,
            (try? record()["finished"]) != nil
          ))
      }
    }
    _ = try await runner.run()
    let measured = seen.withLock { $0 }
    #expect(measured.map(\.completed) == Array(1...Self.measurements))
    #expect(measured.allSatisfy { $0.rows == $0.completed && !$0.isFinished })
    #expect(measured.allSatisfy { $0.predictions == 1 + $0.completed * SyntheticImages.testRows })

    let record = try record()
    #expect(
      try RunReport(reading: output).html == String(contentsOf: output.appending(path: "report.html"), encoding: .utf8))
    #expect((record["dataset_source"] as? [String: Any])?["kind"] is String)
    let defenses = try #require(record["defenses"] as? [[String: Any]])
    #expect(defenses.map { $0["kind"] as? String } == (try images.scenario().defenses.map(\.kind.kind)))
    #expect(record["finished"] is String && record["started"] is String)
    #expect(record["copur_version"] as? String == copurVersionString)
    #expect(record["mode"] as? String == "in-process")
    #expect(record["scenario_text"] as? String == (try images.scenario().source))
    #expect(record["train_rows"] as? Int == 200 && record["test_rows"] as? Int == SyntheticImages.testRows)
    let bundle = try #require((record["bundles"] as? [[String: Any]])?.first)
    #expect(bundle["code"] as? Int == 6 && bundle["manifold"] as? String == "linear" && bundle["seed"] as? Int == 0)
    #expect((bundle["model_version"] as? String)?.count == 16)
    let silent = try #require(bundle["leverage_with_missing"] as? [[String: Any]])
    #expect(silent.map { $0["missing"] as? [String] } == [["top-left", "top-right"]])
    #expect((bundle["candidates"] as? [Any])?.isEmpty == true)
    let machine = try #require(record["machine"] as? [String: Any])
    #expect(
      Set(machine.keys) == ["operating_system", "cores", "memory_bytes", "processor", "blas", "kernel", "instructions"])
  }

  @Test("A folder for results that cannot be made is an error before any training")
  func unwritable() async throws {
    try Data().write(to: images.folder.appending(path: "file"))
    let runner = ScenarioRunner(scenario: try images.scenario(), options: images.options(output: "file/out"))
    let error = await #expect(throws: CopurError.self) { try await runner.run() }
    #expect(error?.code == .cannotCreate)
    #expect(!FileManager.default.fileExists(atPath: images.folder.appending(path: "cache").path))
  }
}
