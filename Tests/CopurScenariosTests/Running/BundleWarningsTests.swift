import CopurCore
import CopurDefenses
import CopurReports
import CopurScenarios
import CopurTraining
import Testing

@Suite("BundleWarnings")
struct BundleWarningsTests {
  private func row(
    _ defense: String, accuracy: Double, balanced: Double, kinds: [String] = []
  ) -> ResultRow {
    ResultRow(
      scenario: "s", dataset: "synthetic", seed: 0, mode: .inProcess, defense: defense, attack: "clean",
      attackKinds: kinds, n: 40, accuracy: accuracy, balancedAccuracy: balanced, majorityRate: 0.6, secondsPerSample: 0)
  }

  @Test("a choice without anything to protect, a single class for all, and less than training promised are said")
  func ofBundle() async throws {
    let dataset = try SyntheticRows.dataset()
    var training = TrainingSettings(embedding: 1, epochs: 1, batch: 16, hidden: 4)
    training.extractor = .voters
    let trained = try await BundleTrainer(
      name: "test", training: training, manifold: ManifoldSettings(kind: .linear, code: 1), source: .null
    ).train(on: dataset, seed: 0)
    let score = ProtectionRecord.Score(accuracy: 0.8, balanced: 0.8, deviation: 0.02)
    let none = ProtectionRecord.Score(accuracy: 0.3, balanced: 0.3, deviation: 0.02)
    var manifest = trained.manifest
    manifest.protection = ProtectionRecord(
      threat: Threat(any: 1), rows: 160, majority: 0.6, classes: 2, cost: 0.05, undefended: score,
      candidates: [
        .init(
          kind: "agent-vote", settings: [:], clean: score, protected: none, isCertified: true, certified: [none],
          isTaken: true)
      ])
    let bundle = try ModelBundle(manifest: manifest, parts: trained.parts)
    let warnings = BundleWarnings(bundle, defense: try Auto().make(named: "auto", from: bundle))
    let kept = warnings.warnings(of: row("auto", accuracy: 0.8, balanced: 0.79), predictions: [0, 1, nil])
    #expect(kept.count == 1 && kept[0].hasPrefix("nothing to protect here from any 1"))
    let collapsed = warnings.warnings(of: row("auto", accuracy: 0.6, balanced: 0.5), predictions: [1, nil, 1])
    #expect(collapsed.count == 3 && collapsed[1].hasPrefix("says high of every sample"))
    #expect(collapsed[2].contains("held-out training rows promised 80.0"))
  }

  @Test("far less than no defence, in either measure, is said where nobody attacks")
  func besideNone() {
    let none = row("unsecured", accuracy: 0.77, balanced: 0.57)
    func warnings(_ accuracy: Double, _ balanced: Double, kinds: [String] = [], beside: ResultRow?) -> [String] {
      BundleWarnings.warnings(of: row("auto", accuracy: accuracy, balanced: balanced, kinds: kinds), beside: beside)
    }
    #expect(
      warnings(0.386, 0.556, beside: none) == [
        "accuracy without an attack is 38.6 %, accuracy without a defense 77.0: it costs more than it may be worth"
      ])
    #expect(warnings(0.7, 0.44, beside: none).count == 1 && warnings(0.3, 0.3, beside: none).count == 2)
    #expect(warnings(0.7, 0.5, beside: none).isEmpty && warnings(0.1, 0.1, beside: nil).isEmpty)
    #expect(warnings(0.1, 0.1, kinds: ["pgd"], beside: none).isEmpty)
  }
}
