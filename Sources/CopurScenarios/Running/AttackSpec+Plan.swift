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
          attack: part.method.attack, blocks: try part.agents.map { try Self.block(of: $0, in: roster) })
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
    for case .pgd(let settings) in adversarial.map(\.method) {
      return ProjectedGradientDescent.targets(of: settings.attackGoal, labels: labels, classes: classes)
        ?? labels.map { _ in nil }
    }
    return labels.map { _ in nil }
  }
}

extension AttackSpec.Method {
  var attack: any Attack {
    switch self {
    case .featureFlipping(let amplification): FeatureFlipping(amplification: amplification)
    case .pgd(let settings):
      ProjectedGradientDescent(
        goal: settings.attackGoal, step: settings.step, iterations: settings.iterations,
        direction: settings.direction)
    }
  }
}

extension PGDSettings {
  var attackGoal: ProjectedGradientDescent.Goal {
    switch goal {
    case .targeted: .targeted(label: target)
    case .untargeted: .untargeted
    }
  }
}
