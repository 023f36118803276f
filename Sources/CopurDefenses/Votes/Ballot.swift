internal import CopurCore
internal import CopurNumerics

/// The evidence of all voters for one sample, read once, and what a rule makes of it. One ballot serves many samples, so that
/// nothing is allocated for each.
struct Ballot {
  let rule: VoteRule
  /// The positions of the agents that vote.
  let voters: [Int]
  let classes: Int
  /// The evidence of each voter for each class, [voters · classes]; unset where a voter is missing.
  private var evidence: [Double]
  /// Whether each voter is there.
  private(set) var present: [Bool]
  private var scores: [Double]
  private var margins: [Double]

  init(rule: VoteRule, voters: [Int], classes: Int) {
    self.rule = rule
    self.voters = voters
    self.classes = classes
    evidence = [Double](repeating: 0, count: voters.count * classes)
    present = [Bool](repeating: false, count: voters.count)
    scores = [Double](repeating: 0, count: classes)
    margins = [Double](repeating: 0, count: voters.count)
  }

  /// Reads a sample.
  mutating func read(_ observation: Observation, sample: Int) {
    let start = sample * observation.layout.totalWidth
    for (voter, agent) in voters.enumerated() {
      present[voter] = observation.isObserved(block: agent, of: sample)
      guard present[voter] else { continue }
      let columns = observation.layout[agent]
      rule.read(
        observation.embeddings.values[start + columns.lowerBound..<start + columns.upperBound], into: &scores)
      for label in 0..<classes { evidence[voter * classes + label] = scores[label] }
    }
  }

  /// Each voter's margin for a class against another; 0 for a missing one.
  func fillMargins(_ label: Int, over other: Int, into margins: inout [Double]) {
    let bound = rule.bound
    for voter in margins.indices {
      guard present[voter] else {
        margins[voter] = 0
        continue
      }
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
