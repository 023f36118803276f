import CopurCore
import CopurNumerics

/// A defence that can be reckoned by hand: class 1 where the observed values' sum is over 0; an agent is suspect where
/// a value of its block is over 100.
struct SumDefense: Defense {
  static let roster: AgentRoster = {
    guard
      let roster = try? AgentRoster(agents: [AgentID("left"), AgentID("right"), AgentID("far")], widths: [2, 1, 3])
    else { preconditionFailure("a roster of three agents") }
    return roster
  }()

  var name = "sum"
  var layout: BlockLayout { Self.roster.layout }

  func decide(_ observation: Observation) -> [Decision] {
    (0..<observation.samples).map { sample in
      let row = Array(observation.embeddings[row: sample])
      let label = row.reduce(0, +) > 0 ? 1 : 0
      return Decision(
        label: label, probabilities: label == 1 ? [0.25, 0.75] : [0.75, 0.25],
        residuals: (0..<layout.count).map { block in
          observation.isObserved(block: block, of: sample) ? row[layout[block]].map(abs).max() : nil
        },
        converged: true, iterations: 4, objective: 1.5,
        suspects: (0..<layout.count).map { block in row[layout[block]].contains { $0 > 100 } })
    }
  }
}
