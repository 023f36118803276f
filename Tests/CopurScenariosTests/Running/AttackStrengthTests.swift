import CopurReports
import CopurScenarios
import Testing

struct AttackStrengthTests {
  private func row(
    _ kind: String, accuracy: Double, defense: String = "copur", agents: [String] = ["a"], goal: String = "untargeted"
  ) -> ResultRow {
    ResultRow(
      scenario: "s", dataset: "d", seed: 0, mode: .inProcess, defense: defense, attack: "\(kind) attack",
      attackKinds: [kind], goal: goal, compromised: agents, n: 400, accuracy: accuracy, balancedAccuracy: accuracy,
      majorityRate: 0.5, secondsPerSample: 0)
  }

  @Test("A black box that beats an adaptive attack by more than noise is noted, whichever comes first")
  func beaten() {
    let message = ["the black box \"black-box attack\" does more harm than the adaptive \"adaptive-pgd attack\""]
    var forward = AttackStrength()
    #expect(forward.warnings(of: row("black-box", accuracy: 0.5)).isEmpty)
    #expect(forward.warnings(of: row("adaptive-pgd", accuracy: 0.6)) == message)
    // A stronger adaptive attack settles it.
    #expect(forward.warnings(of: row("adaptive-pgd", accuracy: 0.5)).isEmpty)
    var backward = AttackStrength()
    #expect(backward.warnings(of: row("adaptive-pgd", accuracy: 0.6)).isEmpty)
    #expect(backward.warnings(of: row("black-box", accuracy: 0.5)) == message)
  }

  @Test("Within two standard errors, or on other agents, goals and defences, nothing is noted")
  func incomparable() {
    var strength = AttackStrength()
    #expect(strength.warnings(of: row("adaptive-pgd", accuracy: 0.6)).isEmpty)
    #expect(strength.warnings(of: row("black-box", accuracy: 0.56)).isEmpty)
    for other in [
      row("black-box", accuracy: 0, defense: "unsecured"), row("black-box", accuracy: 0, agents: ["b"]),
      row("black-box", accuracy: 0, goal: "targeted"), row("feature-flipping", accuracy: 0),
    ] {
      #expect(strength.warnings(of: other).isEmpty)
    }
  }
}
