public import CopurCore
internal import CopurNumerics

/// Gradient steps on the embeddings of compromised agents against the fusion model (Madry et al. 2018), by default without
/// a projection as in CoPur's section 5: an embedding has no range that the attacker must keep to.
///
/// The gradient is that of the fusion model on the embeddings as sent: the attack does not know of a purifier in front of
/// it. ``AdaptiveDescent`` does.
///
/// The defaults are the paper's for ExtraSensory (CoPur, section 5): 30 steps of size 0.5 without projection.
public struct ProjectedGradientDescent: AttackKind {
  public static var entry: KindEntry<any AttackKind> {
    KindEntry(
      "pgd", "Follows the gradient of the fusion model alone, as in the paper: it does not know of a defence in front.",
      ProjectedGradientDescent(goal: .untargeted))
  }
  public static var settings: [Setting<ProjectedGradientDescent>] {
    AttackGoal.settings(isRequired: true).map { $0.at(\.goal) } + [
      .number("step", \.step, .positive, "the size of a step"),
      .integer("iterations", \.iterations, 1...1_000_000, "how many steps"),
      .choice("direction", \.direction, of: "a direction", "what becomes of the gradient before it is stepped along"),
      Setting(
        SettingDescription(
          "project", .mapping(of: "a projection", Projection.settings.map(\.description)),
          "a ball around each honest block that what is sent stays in; none if left out")
      ) {
        $0.projection.map { ball in .mapping(Projection.settings.compactMap { $0.member(of: ball) }) }
      } write: {
        guard case .mapping(let members) = $1 else { return }
        var ball = Projection(norm: .l2, radius: 1)
        Setting.apply(members, of: Projection.settings, to: &ball)
        $0.projection = ball
      },
    ]
  }

  /// The direction that a step takes from the gradient.
  public enum Direction: String, Hashable, Sendable, CaseIterable {
    /// g/‖g‖₂ over the attacker's columns: steps do not shrink where the loss saturates.
    case normalized
    /// g itself.
    case raw
    /// sign(g), as under an ℓ∞ budget.
    case sign
  }

  /// The attacker's goal.
  public var goal: AttackGoal
  /// The step size; above 0.
  public var step: Float
  /// The number of steps; at least 1.
  public var iterations: Int
  /// The direction that a step takes from the gradient.
  public var direction: Direction
  /// The ball that each block stays in; nil for none.
  public var projection: Projection?

  /// - Precondition: `step` is over 0, `iterations` at least 1.
  public init(
    goal: AttackGoal, step: Float = 0.5, iterations: Int = 30, direction: Direction = .normalized,
    projection: Projection? = nil
  ) {
    precondition(step > 0 && iterations >= 1)
    self.goal = goal
    self.step = step
    self.iterations = iterations
    self.direction = direction
    self.projection = projection
  }

  public var knowledge: AttackKnowledge { .model }
  public var aim: AttackGoal? { goal }

  public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
    try goal.validate(in: context, given: keys)
  }

  public func craft(_ situation: AttackSituation) -> Proposal {
    var walk = GradientWalk(descent: self, situation: situation)
    for _ in 0..<iterations where !Task.isCancelled { walk.advance() }
    return Proposal(walk.current.embeddings, warnings: GradientWalk.warnings(hadGradient: walk.hadGradient))
  }
}
