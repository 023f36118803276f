/// A figure of the CoPur paper that shows curves over flipping attacks on ExtraSensory (NeurIPS 2022, section 5.2).
enum PaperFigure: String {
  /// Agents 8, 9 and 10 flip, over the amplification.
  case figure2a = "figure 2a"
  /// Agent 7 is silent and agent 10 flips, over the amplification.
  case figure2b = "figure 2b"
  /// Agents {10}, {9, 10}, {8, 9, 10}, {7, 8, 9, 10} flip with amplification 10.
  case figure3 = "figure 3"

  /// The figure whose agents a family has; nil if there is none.
  init?(_ family: AttackFamily) {
    let study = PaperResults.extraSensory
    guard let first = family.attacks.first, let missing = study.numbers(of: first.missing) else { return nil }
    switch family.axis {
    case .amplification:
      switch (missing, study.numbers(of: first.compromised)) {
      case ([], [8, 9, 10]): self = .figure2a
      case ([7], [10]): self = .figure2b
      default: return nil
      }
    case .compromised:
      let sets: [Set<Int>] = [[10], [9, 10], [8, 9, 10], [7, 8, 9, 10]]
      guard missing.isEmpty, first.amplification == 10,
        family.attacks.allSatisfy({ study.numbers(of: $0.compromised).map(sets.contains) ?? false })
      else { return nil }
      self = .figure3
    }
  }

  /// The setting in words, in the paper's numbers of agents.
  var setting: String {
    switch self {
    case .figure2a: "agents 8, 9 and 10 send −a · l with amplification a = 1, 3, 5, 10, 20"
    case .figure2b: "agent 7 is silent and agent 10 sends −a · l with amplification a = 1, 3, 5, 10, 20"
    case .figure3: "agents {10}, {9, 10}, {8, 9, 10} and {7, 8, 9, 10} send −10 · l"
    }
  }
}
