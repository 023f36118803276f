public import CopurAttacks

/// Projected gradient descent on embeddings, without projection: the options of an attack of kind `pgd`.
///
/// The defaults are the paper's for ExtraSensory (CoPur, section 5): 30 steps of size 0.5.
public struct PGDSettings: Hashable, Sendable {
  /// What the attacker wants.
  public enum Goal: String, Hashable, Sendable, CaseIterable {
    /// One class, whatever the truth is.
    case targeted
    /// Any class but the true one.
    case untargeted
  }

  /// What a step follows.
  public typealias Direction = ProjectedGradientDescent.Direction

  /// What the attacker wants.
  public var goal: Goal
  /// The size of a step, over 0.
  public var step: Float
  /// How many steps; at least 1.
  public var iterations: Int
  /// The class that a targeted attack wants, from 0; nil for the opposite of the true one, if there are two.
  public var target: Int?
  /// What a step follows.
  public var direction: Direction

  public init(
    goal: Goal, step: Float = 0.5, iterations: Int = 30, target: Int? = nil, direction: Direction = .normalized
  ) {
    self.goal = goal
    self.step = step
    self.iterations = iterations
    self.target = target
    self.direction = direction
  }
}
