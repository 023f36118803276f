internal import CopurCore
internal import CopurNumerics

/// Gradient steps on the embeddings of compromised agents against the fusion model (Madry et al. 2018), by default without
/// a projection as in CoPur's section 5: an embedding has no range that the attacker must keep to.
///
/// The gradient is that of the fusion model on the embeddings as sent: the attack does not know of a purifier in front of
/// it. ``AdaptiveDescent`` does.
public struct ProjectedGradientDescent: Attack {
  /// How a step follows the gradient.
  public enum Direction: String, Hashable, Sendable, CaseIterable {
    /// g/‖g‖₂ over the attacker's columns: steps do not shrink where the loss saturates.
    case normalized
    /// g itself.
    case raw
    /// sign(g), as under an ℓ∞ budget.
    case sign
  }

  /// What the attacker wants.
  public let goal: AttackGoal
  /// The step size; above 0.
  public let step: Float
  /// How many steps; at least 1.
  public let iterations: Int
  /// What becomes of the gradient before it is stepped along.
  public let direction: Direction
  /// The ball that each block stays in; nil for none.
  public let projection: Projection?

  /// - Precondition: `step` is over 0, `iterations` at least 1.
  public init(
    goal: AttackGoal, step: Float, iterations: Int, direction: Direction = .normalized, projection: Projection? = nil
  ) {
    precondition(step > 0 && iterations >= 1)
    self.goal = goal
    self.step = step
    self.iterations = iterations
    self.direction = direction
    self.projection = projection
  }

  public func craft(_ situation: AttackSituation) -> Proposal {
    var walk = GradientWalk(descent: self, situation: situation)
    for _ in 0..<iterations where !Task.isCancelled { walk.advance() }
    return Proposal(walk.current.embeddings, warnings: GradientWalk.warnings(hadGradient: walk.hadGradient))
  }
}
