public import CopurCore
internal import CopurNumerics

/// A black-box attack: it sends, sees the probabilities that come back, and keeps what did more harm.
///
/// The search is a (1 + 1) evolution strategy whose step adapts to its successes (Rechenberg's one-fifth rule; for
/// classifiers see Andriushchenko et al. 2020), after a few fixed tries: flipped × 1 and × 10, zeros, and the block × 10.
public struct RandomSearch: AttackKind {
  public static var entry: KindEntry<any AttackKind> {
    KindEntry(
      "black-box", "Asks the whole defence about what it might send, and keeps what does more harm.",
      RandomSearch(goal: .untargeted))
  }
  public static var settings: [Setting<RandomSearch>] {
    AttackGoal.settings(isRequired: true).map { $0.at(\.goal) }
      + [.integer("queries", \.queries, 1...1_000_000, "how often it asks about each sample")]
  }

  /// The attacker's goal.
  public var goal: AttackGoal
  /// The number of questions to the victim about each sample; at least 1.
  public var queries: Int

  /// - Parameter queries: At least 1.
  public init(goal: AttackGoal, queries: Int = 500) {
    precondition(queries >= 1)
    self.goal = goal
    self.queries = queries
  }

  public var knowledge: AttackKnowledge { .decisions }
  public var aim: AttackGoal? { goal }

  public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
    try goal.validate(in: context, given: keys)
  }

  public func craft(_ situation: AttackSituation) -> Proposal {
    var worst = WorstOf(situation: situation, goal: goal)
    let factors: [Float] = [-1, -10, 0, 10]
    for factor in factors.prefix(queries) {
      worst.consider(scaled(situation, by: factor))
    }
    var generators = situation.labels.indices.map { situation.generator(for: "search", row: $0) }
    let columns = situation.columns
    let units = situation.labels.indices.map { row in
      let square = columns.reduce(0.0) { sum, column in
        let value = Double(situation.observation.embeddings[row, column])
        return sum + value * value
      }
      return Float(max(square.squareRoot(), 1e-6) / Double(max(1, columns.count)).squareRoot())
    }
    var scales = [Float](repeating: 0.5, count: situation.labels.count)
    for _ in 0..<max(0, queries - factors.count) where !Task.isCancelled {
      var candidate = worst.embeddings
      for row in 0..<candidate.rows {
        for column in columns {
          candidate[row, column] += scales[row] * units[row] * Float(generators[row].normal())
        }
      }
      for (row, isBetter) in worst.consider(candidate).enumerated() {
        // Four failures undo one success.
        scales[row] = min(max(scales[row] * (isBetter ? 1.5 : 0.904), 1e-3), 100)
      }
    }
    return Proposal(worst.embeddings)
  }

  private func scaled(_ situation: AttackSituation, by factor: Float) -> Matrix {
    var embeddings = situation.observation.embeddings
    for row in 0..<embeddings.rows {
      for column in situation.columns { embeddings[row, column] *= factor }
    }
    return embeddings
  }
}
