internal import CopurLearning

extension TrainingSettings: Kind {
  /// The most numbers that the weights of one layer hold: 2²⁸, a gibibyte.
  public static let weightLimit = 1 << 28

  /// All settings but `alternatives`, which are settings themselves.
  public static var settings: [Setting<TrainingSettings>] { each + judged }

  /// The settings that an alternative may change.
  public static var each: [Setting<TrainingSettings>] {
    [
      extractorSetting,
      .mapping(
        "voters", \.givenVoters, of: "an agent's voters", VoterSettings.settings,
        "what an agent's voters are, where the extractor is made of those or they are at the fusion center"),
      .choice(
        "extractor_start", \.extractorStart, of: "an extractor's start",
        "the weights that extractors start training from"),
      .integer("embedding", \.embedding, 1...1 << 20, "the width of every agent's embedding"),
      .integer("epochs", \.epochs, 1...1_000_000, "passes over the training rows in joint training"),
      .integer("batch", \.batch, 1...1 << 20, "rows a step"),
      .number("learning_rate", \.learningRate, .positive, "the optimiser's step size in joint training"),
      .integer("hidden", \.hidden, 1...1 << 20, "the width of the fusion model's hidden layer"),
      .number("slope", \.slope, .fraction, "the slope of the fusion model's leaky ReLU below 0"),
      .choice("optimizer", \.optimizer, of: "an optimizer", "the optimiser of every training"),
      .choice(
        "schedule", \.givenSchedule, of: "a schedule",
        "how step sizes go over each training; learning rates are the largest"),
      .number(
        "decay", \.givenDecay, .fraction, "the share of a weight, times the step size, that it loses with each step"),
      .mapping(
        "fusion", \.fusion, of: "the fusion model's training", Fusion.settings,
        "training the fusion model on the manifold's output"),
      .number(
        "agent_dropout", \.agentDropout, .underOne,
        "the probability with which joint training withholds an agent's block from the fusion model"),
      .boolean(
        "agent_heads", \.agentHeads, "whether joint training gives each agent a head that predicts from it alone"),
      .boolean("class_balanced", \.classBalanced, "whether every class counts as much as any other in the losses"),
      .boolean(
        "equal_energy", \.equalEnergy, "whether extractors are scaled so that all agents' blocks vary equally much"),
      .mapping(
        "exchange", \.givenExchange, of: "the exchange of embeddings and gradients", JointExchange.settings,
        "how embeddings and gradients go between agents and fusion center in joint training"),
      .mapping(
        "attack", \.givenAttack, of: "an attack on training", TrainingAttack.settings,
        "agents that lie in joint training, and how; they are honest with test rows unless an attack says otherwise"),
    ]
  }

  /// The settings that all alternatives share, since they are judged on the same rows.
  public static var judged: [Setting<TrainingSettings>] {
    [
      .mapping(
        "poison", \.givenPoison, of: "poison", TrainingPoison.settings,
        "training rows that are spoiled before the training, and how; test rows stay as they are"),
      .mapping(
        "robust", \.givenRobust, of: "an audit of training rows", AuditSettings.settings,
        "what is looked for in training rows before they are trained on; `{}` looks for everything"),
      .integer(
        "validation_rows", \.validationRows, 1...1_000_000_000,
        "how many consecutive training rows are held back at a time to choose by; an eighth of them if left out"),
    ]
  }

  public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
    if let voters, context.classNames.count > 2, voters.members == .logistic || voters.members == .logisticAndTrees {
      throw SettingError(
        "logistic regression votes between two classes (the data set's: \(context.classNames.count))", at: "voters")
    }
    if extractor == .voters, voters?.place == .center {
      throw SettingError(
        "voters at the fusion center learn from the embeddings of other extractors, such as linear ones", at: "voters")
    }
    if let poison { try poison.validate(in: context) }
    try validateGiven(given: keys)
    if let attack {
      guard extractor.isJoint else {
        throw SettingError(
          "agents lie in joint training, and \(extractor.rawValue) extractors are not trained jointly", at: "attack")
      }
      for name in attack.agents where !context.agents.contains(where: { $0.name == name }) {
        throw SettingError(
          "an attack on training names agents of the data set (actual: \"\(name)\")", at: "attack")
      }
      guard !attack.agents.isEmpty else { throw SettingError("an attack on training names its `agents`", at: "attack") }
    }
    guard extractor != .convolutional || extractorStart == .glorot else {
      throw SettingError(
        "layers of convolution that start from zero learn nothing: a convolutional extractor starts from glorot",
        at: keys.contains("extractor_start") ? "extractor_start" : "extractor")
    }
    let width = embeddingWidth(agents: max(1, context.agents.count)) ?? 1
    let limit = Self.weightLimit
    let key = keys.contains("hidden") ? "hidden" : keys.contains("embedding") ? "embedding" : nil
    guard width.multipliedReportingOverflow(by: hidden).partialValue <= limit else {
      throw SettingError(
        "agents × embedding × hidden, the fusion model's weights, is at most \(limit) (actual: "
          + "\(max(1, context.agents.count)) × \(embedding) × \(hidden))", at: key)
    }
    guard batch * max(width, hidden) <= limit else {
      throw SettingError(
        "batch × the wider of all embeddings and the hidden layer is at most \(limit) (actual: \(batch) × "
          + "\(max(width, hidden)))", at: keys.contains("batch") ? "batch" : key)
    }
  }
}

extension TrainingSettings.Fusion {
  /// The settings of the section `fusion`.
  public static var settings: [Setting<TrainingSettings.Fusion>] {
    [
      .integer("epochs", \.epochs, 1...1_000_000, "passes over the training rows"),
      .number("learning_rate", \.learningRate, .positive, "the optimiser's step size"),
      .number(
        "agent_dropout", \.agentDropout, .underOne,
        "the probability with which a block of a second copy of the rows is withheld from purification"),
    ]
  }
}
