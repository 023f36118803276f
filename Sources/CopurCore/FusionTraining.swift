public import CopurLearning

/// The training of a further fusion model, for a defence that has its own.
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
    case .adversarial(let settings):
      if case .targeted(let label?) = settings.goal { (0..<classes).contains(label) } else { true }
    case .ablation(let settings): (1...agents).contains(settings.keep)
    }
  }
}

/// Adversarial training of the fusion model (CoPur, section 5 and supplement, section C.2, "AT" and "BAT").
public struct AdversarialTrainingSettings: Hashable, Sendable, Codable {
  /// The goal of the examples; where it is targeted, the training knows the attacker's target.
  public var goal: AttackGoal
  /// Whether one random block of each row is attacked (BAT), or all of them (AT).
  public var isBlockwise: Bool
  /// The size of a step, over 0.
  public var step: Float
  /// The number of steps that make an example; at least 1.
  public var iterations: Int
  /// The direction of a step.
  public var direction: InputDescent.Direction
  /// Passes over the training rows, at least 1; nil for as many as in the joint training.
  public var epochs: Int?
  /// The optimiser's step size, over 0; nil for that of the joint training.
  public var learningRate: Float?

  /// The defaults are the paper's for ExtraSensory: 30 steps of 0.5 if targeted, of 0.1 if not. It names neither epochs nor
  /// rate. A step is the gradient itself: where it is normalised, targeted training ends in one class for everything, by
  /// held-out training rows of that user.
  public init(
    goal: AttackGoal, isBlockwise: Bool = false, step: Float? = nil, iterations: Int = 30,
    direction: InputDescent.Direction = .raw, epochs: Int? = nil, learningRate: Float? = nil
  ) {
    self.goal = goal
    self.isBlockwise = isBlockwise
    self.step = step ?? Self.defaultStep(for: goal)
    self.iterations = iterations
    self.direction = direction
    self.epochs = epochs
    self.learningRate = learningRate
  }

  static func defaultStep(for goal: AttackGoal) -> Float { goal == .untargeted ? 0.1 : 0.5 }

  private enum CodingKeys: String, CodingKey {
    case goal, target, step, iterations, direction, epochs
    case isBlockwise = "blockwise"
    case learningRate = "learning_rate"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .goal)
    switch name {
    case AttackGoal.untargeted.name: goal = .untargeted
    case AttackGoal.targeted(label: nil).name:
      goal = .targeted(label: try container.decodeIfPresent(Int.self, forKey: .target))
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .goal, in: container, debugDescription: "a goal is targeted or untargeted (actual: \"\(name)\")")
    }
    isBlockwise = try container.decode(Bool.self, forKey: .isBlockwise)
    step = try container.decode(Float.self, forKey: .step)
    iterations = try container.decode(Int.self, forKey: .iterations)
    direction = try container.decode(InputDescent.Direction.self, forKey: .direction)
    epochs = try container.decodeIfPresent(Int.self, forKey: .epochs)
    learningRate = try container.decodeIfPresent(Float.self, forKey: .learningRate)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(goal.name, forKey: .goal)
    if case .targeted(let label?) = goal { try container.encode(label, forKey: .target) }
    try container.encode(isBlockwise, forKey: .isBlockwise)
    try container.encode(step, forKey: .step)
    try container.encode(iterations, forKey: .iterations)
    try container.encode(direction, forKey: .direction)
    try container.encodeIfPresent(epochs, forKey: .epochs)
    try container.encodeIfPresent(learningRate, forKey: .learningRate)
  }

  /// The settings of a defence that is trained so; a goal sets the step that goes with it.
  public static var settings: [Setting<AdversarialTrainingSettings>] {
    AttackGoal.settings(isRequired: false).map { goal in
      Setting(goal.description) {
        goal.member(of: $0.goal)?.value
      } write: {
        Setting.apply([.init(goal.description.key, $1)], of: [goal], to: &$0.goal)
        if goal.description.key == "goal" { $0.step = defaultStep(for: $0.goal) }
      }
    } + [
      .number("step", \.step, .positive, "the size of a step; 0.5 if targeted, else 0.1"),
      .integer("iterations", \.iterations, 1...1_000_000, "how many steps make an example"),
      .choice("direction", \.direction, of: "a direction", "what a step follows"),
      .integer("epochs", \.epochs, 1...1_000_000, "passes over the training rows; as in `training` if left out"),
      .number("learning_rate", \.learningRate, .positive, "the optimiser's step size; as in `training` if left out"),
    ]
  }
}

/// Training of the fusion model on random subsets of the agents (CoPur, supplement, section C.2, "Randomized Ablation").
public struct AblationTrainingSettings: Hashable, Sendable, Codable {
  /// The stand-in for an ablated block.
  public enum Null: String, Hashable, Sendable, Codable, CaseIterable {
    /// Zeros, as in the paper.
    case zero
    /// Values that are learned with the model.
    case learned
  }

  /// K, how many agents are kept; from 1 to all.
  public var keep: Int
  /// The stand-in for the other blocks.
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

  /// Those of `settings` that say how the model is trained.
  public static var trainingSettings: [Setting<AblationTrainingSettings>] {
    [
      .integer("epochs", \.epochs, 1...1_000_000, "passes over the training rows; as in `training` if left out"),
      .number("learning_rate", \.learningRate, .positive, "the optimiser's step size; as in `training` if left out"),
    ]
  }

  /// Those of `settings` that say what the model sees.
  public static var viewSettings: [Setting<AblationTrainingSettings>] {
    [
      .integer("keep", \.keep, 1...1_000_000, "how many agents a model sees; two fifths of them if left out"),
      .choice(
        "ablated", \.null, of: "what stands for an ablated block", "what stands for a block that the model does not see"
      ),
    ]
  }
}
