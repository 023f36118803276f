public import CopurAttacks

/// Projected gradient descent on embeddings: the options of an attack of kind `pgd`.
///
/// The defaults are the paper's for ExtraSensory (CoPur, section 5): 30 steps of size 0.5 without projection.
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
  /// The ball that each block stays in; nil for none.
  public var projection: Projection?

  /// The paper's steps for ExtraSensory, where nothing else is given.
  public init(
    goal: Goal, step: Float = 0.5, iterations: Int = 30, target: Int? = nil, direction: Direction = .normalized,
    projection: Projection? = nil
  ) {
    self.goal = goal
    self.step = step
    self.iterations = iterations
    self.target = target
    self.direction = direction
    self.projection = projection
  }
}

/// An attacker who knows the defence: the options of an attack of kind `adaptive-pgd`.
public struct AdaptivePGDSettings: Hashable, Sendable {
  /// Goal, first step size, steps a start, direction and projection.
  public var descent: PGDSettings
  /// How many starts; at least 1.
  public var restarts: Int
  /// How many of a randomized defence's gradients a step averages; at least 1.
  public var draws: Int

  /// - Parameter restarts: At least 1, as are `draws`.
  public init(descent: PGDSettings, restarts: Int = 6, draws: Int = 8) {
    self.descent = descent
    self.restarts = restarts
    self.draws = draws
  }
}
