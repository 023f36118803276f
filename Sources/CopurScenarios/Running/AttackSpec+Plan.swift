package import CopurAttacks
package import CopurCore

extension AttackSpec {
  /// The attack on the agents of a model.
  ///
  /// - Throws: ``CopurError`` if an agent is none of the model's, or has two parts to play.
  package func plan(for roster: AgentRoster) throws -> AttackPlan {
    try AttackPlan(
      missing: missing.map { try Self.block(of: $0, in: roster) },
      parts: adversarial.map { part in
        AttackPlan.Part(
          attack: part.attack, blocks: try part.agents.map { try Self.block(of: $0, in: roster) })
      },
      search: try search.map { search in
        WorstCaseSearch(
          candidates: try search.candidates.map { try Self.block(of: $0, in: roster) }, budget: search.budget,
          attack: search.attack, goal: search.goal, limit: search.limit)
      })
  }

  private static func block(of agent: AgentID, in roster: AgentRoster) throws -> Int {
    guard let index = roster.index(of: agent) else {
      throw CopurError(
        .configuration, "an attack names agents of the model (actual: \"\(agent)\", the model's: \(roster.agents))")
    }
    return index
  }

  /// The class that the attack wants for each sample; nil where any wrong one will do.
  package func targets(labels: [Int], classes: Int) -> [Int?] {
    attackGoals.first?.targets(labels: labels, classes: classes) ?? labels.map { _ in nil }
  }
}
