public import CopurLearning

/// How a further fusion model is trained, for a defence that has its own.
///
/// Extractors stay those of the joint training: all methods of the paper share them (CoPur, supplement, section C.2,
/// "Unsecured"), and what is trained here is the fusion model alone, on their embeddings of the training rows.
public enum FusionTraining: Hashable, Sendable, Codable {
  /// On adversarial embeddings.
  case adversarial(settings: AdversarialTrainingSettings)
  /// On the embeddings of a few agents at a time.
  case ablation(settings: AblationTrainingSettings)

  /// Passes over the training rows; nil for as many as in the joint training.
  public var epochs: Int? {
    switch self {
    case .adversarial(let settings): settings.epochs
    case .ablation(let settings): settings.epochs
    }
  }

  /// The optimiser's step size; nil for that of the joint training.
  public var learningRate: Float? {
    switch self {
    case .adversarial(let settings): settings.learningRate
    case .ablation(let settings): settings.learningRate
    }
  }

  /// Whether a model of so many agents and classes can be trained so.
  func fits(agents: Int, classes: Int) -> Bool {
    switch self {
    case .adversarial(let settings): settings.target.map { (0..<classes).contains($0) } ?? true
    case .ablation(let settings): (1...agents).contains(settings.keep)
    }
  }
}

/// Adversarial training of the fusion model (CoPur, section 5 and supplement, section C.2, "AT" and "BAT").
public struct AdversarialTrainingSettings: Hashable, Sendable, Codable {
  /// What the examples are to be taken for.
  public enum Goal: String, Hashable, Sendable, Codable, CaseIterable {
    /// One class: the training knows the attacker's target.
    case targeted
    /// Any class but the true one.
    case untargeted
  }

  /// What the examples are to be taken for.
  public var goal: Goal
  /// The class of targeted examples, from 0; nil for the opposite of the true one, if there are two.
  public var target: Int?
  /// Whether one random block of each row is attacked (BAT), or all of them (AT).
  public var isBlockwise: Bool
  /// The size of a step, over 0.
  public var step: Float
  /// How many steps make an example; at least 1.
  public var iterations: Int
  /// What a step follows.
  public var direction: InputDescent.Direction
  /// Passes over the training rows, at least 1; nil for as many as in the joint training.
  public var epochs: Int?
  /// The optimiser's step size, over 0; nil for that of the joint training.
  public var learningRate: Float?

  /// The defaults are the paper's for ExtraSensory: 30 steps of 0.5 if targeted, of 0.1 if not. It names neither epochs nor
  /// rate. A step is the gradient itself: where it is normalised, targeted training ends in one class for everything, by
  /// held-out training rows of that user.
  public init(
    goal: Goal, target: Int? = nil, isBlockwise: Bool = false, step: Float? = nil, iterations: Int = 30,
    direction: InputDescent.Direction = .raw, epochs: Int? = nil, learningRate: Float? = nil
  ) {
    self.goal = goal
    self.target = target
    self.isBlockwise = isBlockwise
    self.step = step ?? (goal == .targeted ? 0.5 : 0.1)
    self.iterations = iterations
    self.direction = direction
    self.epochs = epochs
    self.learningRate = learningRate
  }

  private enum CodingKeys: String, CodingKey {
    case goal, target, step, iterations, direction, epochs
    case isBlockwise = "blockwise"
    case learningRate = "learning_rate"
  }
}

/// Training of the fusion model on random subsets of the agents (CoPur, supplement, section C.2, "Randomized Ablation").
public struct AblationTrainingSettings: Hashable, Sendable, Codable {
  /// What stands in for an ablated block.
  public enum Null: String, Hashable, Sendable, Codable, CaseIterable {
    /// Zeros, as in the paper.
    case zero
    /// Values that are learned with the model.
    case learned
  }

  /// K, how many agents are kept; from 1 to all.
  public var keep: Int
  /// What stands in for the others.
  public var null: Null
  /// Passes over the training rows, at least 1; nil for as many as in the joint training.
  public var epochs: Int?
  /// The optimiser's step size, over 0; nil for that of the joint training.
  public var learningRate: Float?

  /// - Parameter keep: K; ``defaultKeep(agents:)`` is the paper's.
  public init(keep: Int, null: Null = .zero, epochs: Int? = nil, learningRate: Float? = nil) {
    self.keep = keep
    self.null = null
    self.epochs = epochs
    self.learningRate = learningRate
  }

  /// The paper's K, 4 of 10 and 2 of 4 agents: two fifths of them, rounded.
  public static func defaultKeep(agents: Int) -> Int { max(1, (2 * agents + 2) / 5) }

  private enum CodingKeys: String, CodingKey {
    case keep, null, epochs
    case learningRate = "learning_rate"
  }
}
