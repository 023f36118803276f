import CopurCore
import CopurReports
import CopurScenarios
import Foundation
import Testing

/// Certificates of a scenario's models, beside what its attacks do to them.
struct CertificateTests {
  private let images: SyntheticImages

  init() throws { images = try SyntheticImages() }

  private func scenario(code: Int = 1, attacks: [String] = SyntheticImages.attacks) throws -> Scenario {
    let source = try images.scenario(seeds: [0, 1], attacks: attacks).source
    let text = source.replacing("code: 6", with: "code: \(code)") + "\ndefenses: [unsecured, copur]\n"
    return try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml"))
  }

  @Test("The sets that attacks compromise or silence, each once, in the model's order")
  func sets() throws {
    let attacks =
      SyntheticImages.attacks + [
        "{ name: both, all: [ { kind: missing, agents: [top-right] }, { kind: constant, agents: [top-left] } ] }"
      ]
    #expect(
      try scenario(attacks: attacks).attackedSets.map { $0.map(\.name) } == [["top-left"], ["top-left", "top-right"]])
  }

  @Test("A row a seed and set; certified accuracy is at most clean accuracy and that under each attack of the set")
  func rows() async throws {
    let scenario = try scenario()
    let runner = ScenarioRunner(scenario: scenario, options: images.options())
    let (rows, predictions) = try await runner.certify("copur", against: scenario.attackedSets)
    let results = try await runner.run().results.filter { $0.defense == "copur" }
    let sets: [CertificateRow.Compromised] = [
      .agents(["top-left"]), .agents(["top-left", "top-right"]), .any(1), .any(2), .any(3),
    ]
    #expect(rows.map(\.compromised) == sets + sets && rows.map(\.seed) == sets.map { _ in 0 } + sets.map { _ in 1 })
    for row in rows {
      let attacked = results.filter { result in
        guard result.seed == row.seed else { return false }
        return switch row.compromised {
        case .agents(let names): Set(names).isSuperset(of: result.compromised + result.missing)
        case .any(let count): result.compromised.count + result.missing.count <= count
        }
      }
      #expect(attacked.contains { $0.attack == "clean" && $0.accuracy == row.accuracy })
      for result in attacked { #expect(row.certifiedAccuracy <= result.accuracy, "\(row) \(result.attack)") }
      let certified = predictions.filter { $0.seed == row.seed && $0.compromised == row.compromised && $0.isCertified }
      #expect(row.certifiedRate == Double(certified.count) / Double(SyntheticImages.testRows))
      #expect(row.certifiedAccuracy == Double(certified.count { $0.label == $0.prediction }) / Double(row.n))
    }
    #expect(rows.contains { $0.certifiedAccuracy > 0 })
  }

  @Test(
    "All defences that have certificates in one table; a run writes the same beside its results, and the report draws it"
  )
  func all() async throws {
    let attacked = try scenario(attacks: ["{ name: flip, kind: feature-flipping, agents: [top-left] }"])
    let text = attacked.source.replacing(
      "[unsecured, copur]", with: "[unsecured, copur, { kind: randomized-ablation, keep: 1 }]")
    let scenario = try Scenario(parsing: ScenarioDocument(text: text, file: "s.yaml"))
    let options = images.options(output: "certified")
    var measured: [CertificateRow] = []
    for name in ["copur", "randomized-ablation"] {
      measured += try await ScenarioRunner(scenario: scenario, options: options)
        .certify(name, against: scenario.attackedSets).results
    }
    let all = try await ScenarioRunner(scenario: scenario, options: options).certify(against: scenario.attackedSets)
    #expect(Set(all.results) == Set(measured) && all.results.count == measured.count)
    #expect(Set(all.predictions.map(\.defense)) == ["copur", "randomized-ablation"])
    _ = try await ScenarioRunner(scenario: scenario, options: options).run()
    let folder = try #require(options.output)
    let written = try RowFile.rows(
      CertificateRow.self, inJSONLines: folder.appending(path: RunReport.certificatesFileName).path)
    #expect(Set(written) == Set(measured) && written.count == measured.count)
    let report = try RunReport(reading: folder)
    #expect(report.certificates == written && report.html.contains("What is certified"))
  }

  @Test("Where no defence has certificates a run has none, and to ask for them is an error")
  func none() async throws {
    let scenario = try scenario(code: 2, attacks: ["{ name: clean }"])
    let options = images.options(output: "uncertified")
    let error = await #expect(throws: CopurError.self) {
      try await ScenarioRunner(scenario: scenario, options: options).certify(against: [])
    }
    #expect(error?.code == .configuration)
    _ = try await ScenarioRunner(scenario: scenario, options: options).run()
    let folder = try #require(options.output)
    #expect(
      !FileManager.default.fileExists(atPath: folder.appending(path: RunReport.certificatesFileName).path))
  }

  @Test("Errors: another dimension, a defence that is none of the scenario's or has no certificates, a foreign agent")
  func errors() async throws {
    func error(_ scenario: Scenario, _ defense: String = "copur", _ agents: [String] = []) async throws -> CopurError? {
      let set = try agents.map { try AgentID($0) }
      return await #expect(throws: CopurError.self) {
        try await ScenarioRunner(scenario: scenario, options: images.options()).certify(defense, against: [set])
      }
    }
    let plane = try await error(try scenario(code: 2))
    #expect(plane?.code == .configuration)
    #expect(plane?.message == "a certificate needs a linear manifold of one dimension (actual: linear, code 2)")
    let none = try await error(try scenario(), "copur-paper")
    #expect(none?.code == .invalidArgument && none?.message.contains("(actual: \"copur-paper\")") == true)
    let other = try await error(try scenario(), "unsecured")
    #expect(other?.code == .invalidArgument && other?.message.contains("\"unsecured\": unsecured") == true)
    let stranger = try await error(try scenario(), "copur", ["left"])
    #expect(stranger?.code == .invalidArgument && stranger?.message.contains("(actual: \"left\")") == true)
  }
}
