internal import CopurCore
internal import CopurNumerics

/// The most harmful of what an attacker tried, sample by sample, by the victim's own decisions.
struct WorstOf {
  private let situation: AttackSituation
  private let goal: AttackGoal
  /// The best so far.
  private(set) var embeddings: Matrix
  /// The use to the attacker of what is kept, one a sample.
  private(set) var harms: [Float]

  /// Starts from what agents honestly send.
  init(situation: AttackSituation, goal: AttackGoal) {
    self.situation = situation
    self.goal = goal
    embeddings = situation.observation.embeddings
    harms = goal.harms(of: situation.victim.decide(situation.observation), labels: situation.labels)
  }

  /// Keeps what is more harmful than the best so far.
  ///
  /// - Returns: For which samples it was.
  @discardableResult
  mutating func consider(_ candidate: Matrix) -> [Bool] {
    let sent = situation.observation.replacing(blocks: situation.compromised, with: candidate)
    let harms = goal.harms(of: situation.victim.decide(sent), labels: situation.labels)
    return harms.indices.map { row in
      guard harms[row] > self.harms[row] else { return false }
      self.harms[row] = harms[row]
      embeddings[row: row] = sent.embeddings[row: row]
      return true
    }
  }
}
