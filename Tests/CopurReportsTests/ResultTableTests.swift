import CopurReports
import Testing

struct ResultTableTests {
  private func row(
    _ attack: String, _ defense: String, seed: UInt64 = 0, accuracy: Double, balanced: Double
  ) -> ResultRow {
    ResultRow(
      scenario: "quick", dataset: "extrasensory", seed: seed, mode: .network, defense: defense, attack: attack, n: 465,
      accuracy: accuracy, balancedAccuracy: balanced, majorityRate: 0.716, secondsPerSample: 0.001)
  }

  @Test("One seed: attacks down, defences across, aligned; what was not measured is a dash")
  func oneSeed() {
    let table = ResultTable([
      row("clean", "unsecured", accuracy: 0.8409, balanced: 0.8), row("clean", "copur", accuracy: 1, balanced: 0.99),
      row("flip x10", "unsecured", accuracy: 0.05, balanced: 0.5),
    ])
    #expect(
      table.rendered(isTerminal: false) == """
        quick: extrasensory, 465 samples, network, seed 0

                      unsecured             copur
        attack    accuracy  balanced  accuracy  balanced  majority
        ──────────────────────────────────────────────────────────
        clean         84.1      80.0     100.0      99.0      71.6
        flip x10       5.0      50.0         –         –      71.6

        Percent of the samples; majority: what always guessing the most frequent class reaches.

        """)
  }

  @Test("Several seeds: mean ± sample standard deviation")
  func severalSeeds() {
    let table = ResultTable([
      row("clean", "copur", seed: 0, accuracy: 0.80, balanced: 0.7),
      row("clean", "copur", seed: 1, accuracy: 0.82, balanced: 0.7),
      row("clean", "copur", seed: 2, accuracy: 0.84, balanced: 0.7),
    ])
    let lines = table.rendered(isTerminal: false).split(separator: "\n")
    #expect(lines.first == "quick: extrasensory, 465 samples, network, 3 seeds")
    #expect(lines.contains("clean   82.0 ± 2.0  70.0 ± 0.0      71.6"))
  }

  @Test("The first row is the worst of each defence's; the last column says what attackers know")
  func worst() {
    func attacked(_ attack: String, _ defense: String, _ accuracy: Double, knows: String?) -> ResultRow {
      var row = row(attack, defense, accuracy: accuracy, balanced: accuracy)
      row.attackKinds = attack == "clean" ? [] : ["pgd"]
      row.knowledge = knows
      return row
    }
    let table = ResultTable([
      attacked("clean", "a", 0.9, knows: nil), attacked("clean", "b", 0.85, knows: nil),
      attacked("blind", "a", 0.8, knows: "nothing"), attacked("blind", "b", 0.75, knows: "nothing"),
      attacked("sees", "a", 0.1, knows: "defense"), attacked("sees", "b", 0.78, knows: "defense"),
    ])
    #expect(
      table.rendered(isTerminal: false) == """
        quick: extrasensory, 465 samples, network, seed 0

                                    a                   b
        attack              accuracy  balanced  accuracy  balanced  majority  attacker knows
        ───────────────────────────────────────────────────────────────────────────────────────
        the worst for each      10.0      10.0      75.0      75.0      71.6
        ───────────────────────────────────────────────────────────────────────────────────────
        clean                   90.0      90.0      85.0      85.0      71.6
        blind                   80.0      80.0      75.0      75.0      71.6  nothing
        sees                    10.0      10.0      78.0      78.0      71.6  the whole defence

        Percent of the samples; majority: what always guessing the most frequent class reaches.
        Worst for a: sees.
        Worst for b: blind.

        """)
  }

  @Test("A long name widens the columns below it, evenly")
  func longName() {
    let table = ResultTable([row("clean", "a-defense-with-a-long-name", accuracy: 0.8, balanced: 0.7)])
    let lines = table.rendered(isTerminal: false).split(separator: "\n")
    #expect(lines[1] == "        a-defense-with-a-long-name")
    #expect(lines[2] == "attack      accuracy      balanced  majority")
  }

  @Test("On a terminal the best is bold and what a constant guess reaches is red; elsewhere there is no colour")
  func colours() {
    let table = ResultTable([
      row("clean", "unsecured", accuracy: 0.70, balanced: 0.5), row("clean", "mp", accuracy: 0.8, balanced: 0.8),
      row("clean", "copur", accuracy: 0.9, balanced: 0.9),
    ])
    let coloured = table.rendered(isTerminal: true)
    #expect(coloured.contains("\u{1B}[31m70.0\u{1B}[0m"))
    #expect(coloured.contains("\u{1B}[1m90.0\u{1B}[0m"))
    #expect(coloured.contains(" 80.0 "))
    let plain = table.rendered(isTerminal: false)
    #expect(!plain.contains("\u{1B}"))
    #expect(
      coloured.replacing("\u{1B}[31m", with: "").replacing("\u{1B}[1m", with: "").replacing("\u{1B}[0m", with: "")
        == plain)
  }

  @Test("Without rows it says so")
  func empty() {
    #expect(ResultTable([]).rendered(isTerminal: false) == "no results\n")
  }

  @Test("Folded, no line is longer than it may be, every figure is there, and what attackers know stands below")
  func folded() {
    let defenses = ["unsecured", "manifold-projection", "copur", "agent-vote", "auto"]
    let rows = ["clean", "any one agent, the worst of twenty replays of its own"].flatMap { attack in
      defenses.enumerated().map { index, defense in
        var row = row(attack, defense, accuracy: 0.501 + Double(index) / 100, balanced: 0.301 + Double(index) / 100)
        if attack != "clean" { (row.attackKinds, row.knowledge) = (["replay"], "decisions") }
        return row
      }
    }
    let table = ResultTable(rows)
    let wide = table.rendered(isTerminal: false)
    #expect(table.rendered(isTerminal: false, width: 400) == wide)
    for width in [80, 60] {
      let folded = table.rendered(isTerminal: false, width: width)
      let lines = folded.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.allSatisfy { $0.count <= width }, "\(folded)")
      for number in wide.matches(of: /[0-9]+\.[0-9]/).map({ String($0.0) }) { #expect(folded.contains(number)) }
      for defense in defenses { #expect(folded.contains(defense)) }
      #expect(lines.count { $0.hasPrefix("clean ") } > 1)
      let joined = folded.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
      #expect(
        joined.contains(
          "Attacker knows the defence's decisions: any one agent, the worst of twenty replays of its own."))
    }
  }
}
