internal import CopurCore
internal import CopurNumerics

/// The evidence of all voters for one sample, read once, and what a rule makes of it. One ballot serves many samples, so that
/// nothing is allocated for each.
struct Ballot {
  let rule: VoteRule
  /// The positions of the agents that vote.
  let voters: [Int]
  let classes: Int
  /// The evidence of each voter for each class, [voters · classes].
  private var evidence: [Double]
  /// The same of voters that are missing.
  private let absence: [Double]
  private var scores: [Double]
  private var margins: [Double]

  init(of vote: AgentVote) {
    (rule, voters, classes) = (vote.rule, vote.voters, vote.classes)
    evidence = [Double](repeating: 0, count: voters.count * classes)
    scores = [Double](repeating: 0, count: classes)
    margins = [Double](repeating: 0, count: voters.count)
    var absence: [Double] = []
    for block in vote.absence {
      rule.read(block[...], into: &scores)
      absence += scores
    }
    self.absence = absence
  }

  /// Reads a sample.
  mutating func read(_ observation: Observation, sample: Int) {
    let start = sample * observation.layout.totalWidth
    for (voter, agent) in voters.enumerated() {
      guard observation.isObserved(block: agent, of: sample) else {
        for index in voter * classes..<(voter + 1) * classes { evidence[index] = absence[index] }
        continue
      }
      let columns = observation.layout[agent]
      rule.read(
        observation.embeddings.values[start + columns.lowerBound..<start + columns.upperBound], into: &scores)
      for label in 0..<classes { evidence[voter * classes + label] = scores[label] }
    }
  }

  /// Each voter's margin for a class against another.
  func fillMargins(_ label: Int, over other: Int, into margins: inout [Double]) {
    let bound = rule.bound
    for voter in margins.indices {
      let difference = evidence[voter * classes + label] - evidence[voter * classes + other]
      margins[voter] = min(max(difference, -bound), bound)
    }
  }

  /// The answer, and each class's least score against any other.
  mutating func decide() -> (label: Int, leastScores: [Double]) {
    let decided = leastScores(by: rule)
    let best = decided.max() ?? 0
    let first = decided.firstIndex(of: best) ?? 0
    guard rule.trim > 0, decided[(first + 1)...].contains(best) else { return (first, decided) }
    var plain = rule
    plain.trim = 0
    let untrimmed = leastScores(by: plain)
    var label = first
    for other in first..<classes where decided[other] == best && untrimmed[other] > untrimmed[label] { label = other }
    return (label, decided)
  }

  private mutating func leastScores(by rule: VoteRule) -> [Double] {
    var least = [Double](repeating: .infinity, count: classes)
    for label in 0..<classes {
      for other in label + 1..<classes {
        fillMargins(label, over: other, into: &margins)
        let score = rule.score(&margins)
        least[label] = min(least[label], score)
        least[other] = min(least[other], -score)
      }
    }
    return least
  }
}
