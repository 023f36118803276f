package import CopurReports

/// Notes when an attack that knows everything does less than one that only asks, which means that it is broken: its
/// gradients are masked, or it stops too early (Carlini et al. 2019, section 5.2).
package struct AttackStrength {
  private struct Target: Hashable {
    let defense: String
    let compromised: [String]
    let missing: [String]
    let goal: String?
  }

  private var adaptive: [Target: [ResultRow]] = [:]
  private var blackBox: [Target: [ResultRow]] = [:]

  package init() {}

  /// Compares a row with those before it on the same agents, defence and goal.
  ///
  /// - Returns: A warning if a black box leaves an accuracy that is more than two standard errors under the lowest that any
  ///   adaptive attack leaves.
  package mutating func warnings(of row: ResultRow) -> [String] {
    let kinds = Set(row.attackKinds).subtracting(["missing"])
    let target = Target(
      defense: row.defense, compromised: row.compromised.sorted(), missing: row.missing.sorted(), goal: row.goal)
    if kinds == ["adaptive-pgd"] {
      adaptive[target, default: []].append(row)
    } else if kinds == ["black-box"] {
      blackBox[target, default: []].append(row)
    } else {
      return []
    }
    guard let white = adaptive[target]?.min(by: { $0.accuracy < $1.accuracy }),
      let black = blackBox[target]?.min(by: { $0.accuracy < $1.accuracy })
    else { return [] }
    let mean = (white.accuracy + black.accuracy) / 2
    let noise = 2 * (2 * mean * (1 - mean) / Double(row.n)).squareRoot()
    guard white.accuracy - black.accuracy > noise else { return [] }
    return ["the black box \"\(black.attack)\" does more harm than the adaptive \"\(white.attack)\""]
  }
}
