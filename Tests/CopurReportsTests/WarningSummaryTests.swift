import CopurReports
import Testing

struct WarningSummaryTests {
  private func row(_ attack: String, seed: UInt64, _ warnings: String...) -> ResultRow {
    ResultRow(
      scenario: "s", dataset: "d", seed: seed, mode: .inProcess, defense: "copur", attack: attack, n: 10, accuracy: 1,
      balancedAccuracy: 1, majorityRate: 0.5, secondsPerSample: 0.001, warnings: warnings)
  }

  /// Five seeds of twelve defences once gave over a hundred lines that said the same.
  @Test("A warning is said once, with where it came first and how often it came")
  func once() {
    let rows = [
      row("clean", seed: 0), row("pgd", seed: 0, "no gradient", "stuck"), row("pgd", seed: 1, "no gradient"),
      row("flip", seed: 1, "no gradient"),
    ]
    #expect(
      WarningSummary(rows).lines == [
        "no gradient (3 rows; the first: pgd, copur, seed 0)", "pgd, copur, seed 0: stuck",
      ])
  }

  @Test("Nothing to warn of: no lines")
  func none() {
    #expect(WarningSummary([row("clean", seed: 0)]).lines.isEmpty)
  }
}
