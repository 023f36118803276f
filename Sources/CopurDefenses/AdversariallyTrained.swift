public import CopurCore
public import CopurNumerics

/// No defence but in training: a fusion model that was trained on adversarial embeddings, on what was received, missing
/// blocks filled with 0 (CoPur, section 5, "Adversarial Training" and "Block-wise Adversarial Training").
public struct AdversariallyTrained: WhiteBoxDefense {
  /// Trained against attacks on all blocks at once.
  public static let name = "adversarial-training"
  /// Trained against attacks on one random block of each sample.
  public static let blockName = "adversarial-training-block"
  public let name: String
  public let layout: BlockLayout
  /// The fusion model that was trained on adversarial embeddings.
  public let model: FusionModel

  /// - Parameter model: The fusion model that was trained on adversarial embeddings.
  public init(name: String = Self.name, layout: BlockLayout, model: FusionModel) {
    self.name = name
    self.layout = layout
    self.model = model
  }

  public func decide(_ observation: Observation) -> [Decision] { model.decide(observation.embeddings) }
}

extension AdversariallyTrained {
  /// The defence as scenarios set it, of either kind.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        AdversariallyTrained.name, "A fusion model that was trained on adversarial embeddings of all agents.",
        Settings(AdversarialTrainingSettings(goal: .untargeted)))
    }
    /// The kind whose examples are of one agent at a time.
    public static var blockEntry: KindEntry<any DefenseKind> {
      KindEntry(
        AdversariallyTrained.blockName,
        "A fusion model that was trained on adversarial embeddings of one random agent of each sample.",
        Settings(AdversarialTrainingSettings(goal: .untargeted, isBlockwise: true)))
    }
    public static var settings: [Setting<Settings>] { AdversarialTrainingSettings.settings.map { $0.at(\.trained) } }
    public var kind: String { trained.isBlockwise ? AdversariallyTrained.blockName : AdversariallyTrained.name }
    public var training: FusionTraining? { .adversarial(settings: trained) }

    /// The training of its model.
    public var trained: AdversarialTrainingSettings

    /// - Parameter training: How its model is trained.
    public init(_ training: AdversarialTrainingSettings) { trained = training }

    public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
      try trained.goal.validate(in: context, given: keys, of: "adversarial training")
    }

    public func make(named name: String, from bundle: ModelBundle) throws -> any Defense {
      AdversariallyTrained(
        name: name, layout: bundle.roster.layout, model: try furtherModel(named: name, in: bundle).model)
    }
  }
}

/// The attacker who knows this defence knows the model: there is nothing else.
extension AdversariallyTrained: Victim {
  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    model.lossGradient(ofEach: observation.embeddings, labels: labels)
  }
}
