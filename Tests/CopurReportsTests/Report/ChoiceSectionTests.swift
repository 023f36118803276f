import CopurCore
import CopurReports
import Foundation
import Testing

/// What a report says of a defence that training chose.
struct ChoiceSectionTests {
  /// A bundle of a run's record, from the file that a run writes.
  private func bundle(seed: UInt64, protection: ProtectionRecord?) throws -> RunRecord.Bundle {
    let text = """
      { "seed": \(seed), "defenses": ["auto-any-2"], "modelVersion": "v", "manifold": "linear", "code": 1, "candidates": [],
        "leverage": [], "toleratedAgents": 0,
        "calibration": { "rows": 0, "falseAlarmRate": 0.01, "gateLimits": [], "suspectLimits": [] } }
      """
    var bundle = try JSONDecoder().decode(RunRecord.Bundle.self, from: Data(text.utf8))
    #expect(bundle.protection == nil, "older records have none")
    bundle.protection = protection
    return bundle
  }

  private func protection(taken: Int) -> ProtectionRecord {
    func score(_ accuracy: Double, _ balanced: Double) -> ProtectionRecord.Score {
      .init(accuracy: accuracy, balanced: balanced, deviation: 0.03, accuracyDeviation: 0.03)
    }
    var vote = ProtectionRecord.Candidate(
      kind: "agent-vote", settings: ["trim": .number(3)], clean: score(0.643, 0.572), protected: score(0.392, 0.333),
      isCertified: true, certified: [score(0.528, 0.46), score(0.392, 0.333), score(0.304, 0.256)], loss: -0.115,
      isEligible: true)
    var none = ProtectionRecord.Candidate(
      kind: "unsecured", settings: [:], clean: score(0.496, 0.457), protected: score(0.02, 0.01), isCertified: false,
      certified: [], isEligible: true)
    (vote.isTaken, none.isTaken) = (taken == 0, taken == 1)
    var record = ProtectionRecord(
      threat: Threat(any: 2), rows: 1660, majority: 0.602, classes: 2, cost: 0.05, undefended: none.clean,
      candidates: [vote, none])
    record.reason = .nothingToProtect
    return record
  }

  @Test("the candidates, the choice of each seed and its reason; no section where the scenario named the defences")
  func section() throws {
    var run = SampleRun()
    run.add("auto-any-2", "clean", accuracies: [0.8, 0.8, 0.8], balanced: 0.8)
    run.bundles = [try bundle(seed: 0, protection: nil)]
    #expect(try !run.page().texts("h2").contains("What training chose"))
    run.bundles = try [0, 0, 1].enumerated().map { seed, taken in
      try bundle(seed: UInt64(seed), protection: protection(taken: taken))
    }
    let page = try run.page()
    #expect(page.texts("h2").contains("What training chose"))
    let table = try #require(page.table("auto-any-2, seed 0: protect any 2; balanced accuracy in percent"))
    #expect(
      table.dropFirst().map { $0.joined(separator: "|") } == [
        "agent-vote { trim: 3 }taken|57.2 ± 3.064.3|33.3 ± 3.039.2|46.0 ± 3.052.8|33.3 ± 3.039.2|25.6 ± 3.030.4",
        "unsecured|45.7 ± 3.049.6|1.0 ± 3.02.0, attacked|–|–|–", "a constant guess|50.060.2|–|–|–|–",
      ])
    let sentences = page.texts("li").filter { $0.hasPrefix("auto-any-2, seed") }
    #expect(sentences.count == 5, "two seeds chose alike, one otherwise, which is under a constant guess")
    #expect(sentences[0].hasPrefix("auto-any-2, seeds 0, 1: protect any 2: agent-vote { trim: 3 } was chosen: "))
    #expect(sentences[1].hasPrefix("auto-any-2, seeds 0, 1: warning: nothing to protect here from any 2"))
    #expect(sentences[2].hasPrefix("auto-any-2, seed 2: protect any 2: unsecured was chosen: "))
    #expect(sentences[4].hasSuffix("a constant guess in 60.2"))
  }
}
