public import CopurLearning
public import CopurNumerics

/// How extractors and fusion model are trained: the `training:` section of a scenario, also kept in a bundle.
///
/// The defaults are the paper's for ExtraSensory (CoPur, supplement, section C). It names no optimiser; the default is plain
/// SGD, as in Chen et al. 2020, whose algorithm it uses.
public struct TrainingSettings: Hashable, Sendable, Codable {
  /// What an agent's local model is.
  public enum Extractor: String, Hashable, Sendable, Codable, CaseIterable {
    /// One linear layer on the standardised features, trained jointly with all others.
    case linear
    /// Layers of convolution on a picture, trained jointly with all others.
    case convolutional
    /// Voters: classifiers trained on the agent's own features alone. The embedding is their evidence, the mean of their
    /// log-odds or log-probabilities.
    case voters

    /// Whether extractors are trained jointly with the fusion model.
    public var isJoint: Bool { self != .voters }
  }

  /// The weights that extractors start joint training from.
  public enum ExtractorStart: String, Hashable, Sendable, Codable, CaseIterable {
    /// Random ones, of the size that Glorot and Bengio 2010 advise (Eq. 16).
    case glorot
    /// Zero, so that embeddings hold nothing but what training put into them. A random start never leaves an extractor
    /// again: it mixes features that say nothing of the class into every block, as much as what is learned.
    case zero
  }

  /// The rule by which gradients move weights.
  public enum Optimizer: String, Hashable, Sendable, Codable, CaseIterable {
    /// Plain steps against the gradient.
    case sgd
    /// Steps with momentum.
    case momentum
    /// Adam (Kingma and Ba 2015).
    case adam
  }

  /// How step sizes go over a training.
  public enum Schedule: String, Hashable, Sendable, Codable, CaseIterable {
    /// All alike.
    case constant
    /// They grow over the first fifth of the steps and then fall to zero along a cosine (Smith 2018).
    case oneCycle = "one-cycle"
  }

  /// Training the fusion model on the manifold's output, once the manifold is learned.
  public struct Fusion: Hashable, Sendable, Codable {
    /// Passes over the training rows; at least 1.
    public var epochs: Int
    /// The optimiser's step size, over 0.
    public var learningRate: Float
    /// The probability with which an agent's block is withheld from the purification of a second copy of the training
    /// rows, from 0 to under 1; at 0 there is no second copy. It shows the fusion model what purification makes of rounds in
    /// which agents are missing.
    public var agentDropout: Float

    /// The paper's settings for ExtraSensory, where nothing else is given.
    public init(epochs: Int = 200, learningRate: Float = 0.001, agentDropout: Float = 0) {
      self.epochs = epochs
      self.learningRate = learningRate
      self.agentDropout = agentDropout
    }

    private enum CodingKeys: String, CodingKey {
      case epochs
      case learningRate = "learning_rate"
      case agentDropout = "agent_dropout"
    }
  }

  /// What an agent's local model is.
  public var extractor: Extractor
  /// What an agent's voters are, where the extractor is made of those; nil for the defaults.
  public var voters: VoterSettings?
  /// The layers of a convolutional extractor; nil for the defaults.
  public var convolution: ConvolutionSettings?
  /// The weights that extractors start joint training from.
  public var extractorStart: ExtractorStart
  /// d_i, the width of every agent's block; at least 1.
  public var embedding: Int
  /// Passes over the training rows in joint training; at least 1.
  public var epochs: Int
  /// Rows a step; at least 1.
  public var batch: Int
  /// The optimiser's step size in joint training, over 0.
  public var learningRate: Float
  /// The width of the fusion model's hidden layer; at least 1.
  public var hidden: Int
  /// The slope of the fusion model's leaky ReLU below 0, from 0 (ReLU) to 1.
  public var slope: Float
  /// The optimiser of every training.
  public var optimizer: Optimizer
  /// How step sizes go over each training; nil for constant ones.
  public var schedule: Schedule?
  /// The share of itself, times the step size, that a weight loses with each step of a training, from 0 to 1; nil for none.
  public var decay: Float?
  /// Training the fusion model on the manifold's output.
  public var fusion: Fusion
  /// The probability with which joint training withholds an agent's block from the fusion model, from 0 to under 1.
  public var agentDropout: Float
  /// Whether joint training gives each agent's block a head of its own that predicts from it alone.
  public var agentHeads: Bool
  /// Whether every class counts as much as any other in the losses, however rare it is.
  public var classBalanced: Bool
  /// Whether extractors are scaled after joint training so that the blocks of clean training embeddings vary equally much
  /// about their means, which gives no agent more say in the manifold than another.
  public var equalEnergy: Bool
  /// How many consecutive training rows are held back at a time to choose settings by; nil for an eighth of them. 221 of
  /// 1721 in the paper.
  public var validationRows: Int?
  /// How embeddings and gradients go between agents and fusion center in joint training; nil for the defaults.
  public var exchange: JointExchange?
  /// Agents that lie in training; nil for none.
  public var attack: TrainingAttack?
  /// Training rows that were spoiled; nil for none.
  public var poison: TrainingPoison?
  /// What is looked for in training rows before they are trained on; nil for nothing.
  public var robust: AuditSettings?
  /// Other settings to train by if rows that are held back prefer them; none of them has alternatives itself.
  public var alternatives: [TrainingSettings] = []

  /// The voters' settings, the defaults where none are given.
  var givenVoters: VoterSettings {
    get { voters ?? VoterSettings() }
    set { voters = newValue }
  }

  /// Whether each agent has voters at the fusion center, which learn from the embeddings of joint extractors.
  public var hasVotersAtCenter: Bool { extractor.isJoint && voters?.place == .center }

  /// The layers of a convolutional extractor, the defaults where none are given.
  public var givenConvolution: ConvolutionSettings {
    get { convolution ?? ConvolutionSettings() }
    set { convolution = newValue }
  }

  /// The schedule, constant where none is given.
  var givenSchedule: Schedule {
    get { schedule ?? .constant }
    set { schedule = newValue }
  }

  /// The decay, none where none is given.
  var givenDecay: Float {
    get { decay ?? 0 }
    set { decay = newValue }
  }

  /// The exchange, the defaults where none is given.
  var givenExchange: JointExchange {
    get { exchange ?? JointExchange() }
    set { exchange = newValue }
  }

  /// The attack, an empty one where none is given.
  var givenAttack: TrainingAttack {
    get { attack ?? TrainingAttack() }
    set { attack = newValue }
  }

  /// The poison, an empty one where none is given.
  var givenPoison: TrainingPoison {
    get { poison ?? TrainingPoison() }
    set { poison = newValue }
  }

  /// What is looked for in training rows, everything where nothing is said.
  var givenRobust: AuditSettings {
    get { robust ?? AuditSettings() }
    set { robust = newValue }
  }

  /// These settings without the alternatives to them.
  public var alone: TrainingSettings {
    var settings = self
    settings.alternatives = []
    return settings
  }

  /// The paper's settings for ExtraSensory, where nothing else is given.
  public init(
    extractor: Extractor = .linear, extractorStart: ExtractorStart = .glorot, embedding: Int = 32, epochs: Int = 100,
    batch: Int = 64, learningRate: Float = 0.005, hidden: Int = 16, slope: Float = 0.9, optimizer: Optimizer = .sgd,
    fusion: Fusion = Fusion(), agentDropout: Float = 0, agentHeads: Bool = false, classBalanced: Bool = false,
    equalEnergy: Bool = false, validationRows: Int? = nil
  ) {
    self.extractor = extractor
    self.extractorStart = extractorStart
    self.embedding = embedding
    self.epochs = epochs
    self.batch = batch
    self.learningRate = learningRate
    self.hidden = hidden
    self.slope = slope
    self.optimizer = optimizer
    self.fusion = fusion
    self.agentDropout = agentDropout
    self.agentHeads = agentHeads
    self.classBalanced = classBalanced
    self.equalEnergy = equalEnergy
    self.validationRows = validationRows
  }

  private enum CodingKeys: String, CodingKey {
    case extractor, voters, convolution, embedding, epochs, batch, hidden, slope, optimizer, schedule, decay, fusion
    case extractorStart = "extractor_start"
    case learningRate = "learning_rate"
    case agentDropout = "agent_dropout"
    case agentHeads = "agent_heads"
    case classBalanced = "class_balanced"
    case equalEnergy = "equal_energy"
    case validationRows = "validation_rows"
    case exchange, attack, poison, robust
    case alternatives
  }
}

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

  /// An extractor's name, or its kind with the settings of that kind.
  private static var extractorSetting: Setting<TrainingSettings> {
    let choices: [SettingType.Choice] = Extractor.allCases.map { extractor in
      switch extractor {
      case .linear: .init(extractor.rawValue, [])
      case .convolutional: .init(extractor.rawValue, ConvolutionSettings.settings.map(\.description))
      case .voters: .init(extractor.rawValue, VoterSettings.settings.map(\.description))
      }
    }
    return Setting(
      SettingDescription(
        "extractor", .choiceWithSettings(of: "an extractor", choices),
        "what an agent's local model is; as `{ kind: convolutional }` with the keys of that kind")
    ) { settings in
      guard settings.extractor == .convolutional else { return .text(settings.extractor.rawValue) }
      return .mapping(
        [.init("kind", .text(settings.extractor.rawValue))]
          + ConvolutionSettings.settings.compactMap { $0.member(of: settings.givenConvolution) })
    } write: { settings, value in
      var (name, given) = ("", [SettingValue.Member]())
      if case .text(let text) = value { name = text }
      if case .mapping(let members) = value {
        given = members.filter { $0.key != "kind" }
        if case .text(let text)? = members.first(where: { $0.key == "kind" })?.value { name = text }
      }
      guard let extractor = Extractor(rawValue: name) else { return }
      settings.extractor = extractor
      switch extractor {
      case .linear: break
      case .convolutional: Setting.apply(given, of: ConvolutionSettings.settings, to: &settings.givenConvolution)
      case .voters:
        if !given.isEmpty { Setting.apply(given, of: VoterSettings.settings, to: &settings.givenVoters) }
      }
    }
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
        "voters at the fusion center learn from the embeddings of linear or convolutional extractors", at: "voters")
    }
    if let poison { try poison.validate(in: context) }
    if let attack {
      guard extractor.isJoint else {
        throw SettingError("agents lie in joint training, and voters are not trained jointly", at: "attack")
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
    let width = max(1, context.agents.count) * embedding
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

extension JointExchange {
  /// The settings of the section `exchange`.
  public static var settings: [Setting<JointExchange>] {
    [
      .choice("mode", \.mode, of: "a mode of joint training", "whether a step waits for every agent"),
      .integer(
        "staleness", \.staleness, 1...1_000_000,
        "for how many epochs an embedding counts in asynchronous training; older ones are missing"),
      .integer("local_steps", \.localSteps, 1...10_000, "how many steps each side takes on one batch"),
      .choice("numbers", \.numbers, of: "a format of numbers", "how embeddings and gradients go over the wire"),
      .number(
        "embedding_noise", \.embeddingNoise, .nonNegative,
        "the standard deviation of noise that agents add to embeddings, as a share of a message's root mean square"),
      .number(
        "gradient_noise", \.gradientNoise, .nonNegative,
        "the same of noise that the fusion center adds to gradients"),
    ]
  }
}

/// Agents that lie in training.
public struct TrainingAttack: Hashable, Sendable, Codable {
  /// How they falsify what they send.
  public var kind: TrainingLie.Kind
  /// The liars.
  public var agents: [String]
  /// How much, over 0.
  public var amplification: Float

  /// - Parameters:
  ///   - kind: How they falsify what they send.
  ///   - agents: The liars.
  ///   - amplification: How much, over 0.
  public init(kind: TrainingLie.Kind = .flip, agents: [String] = [], amplification: Float = 1) {
    self.kind = kind
    self.agents = agents
    self.amplification = amplification
  }

  /// The lie of an agent, sent in place of its embeddings; nil if it is honest.
  public func lie(of agent: AgentID) -> TrainingLie? {
    agents.contains(agent.name) ? TrainingLie(kind, amplification: amplification) : nil
  }

  /// The settings of the section `attack`.
  public static var settings: [Setting<TrainingAttack>] {
    [
      .choice("kind", \.kind, of: "an attack on training", "how the agents falsify the embeddings that they send"),
      .texts("agents", \.agents, of: "agents", atLeast: 1, "the agents that lie", isRequired: true),
      .number("amplification", \.amplification, .positive, "how much: the factor, or the noise in root mean squares"),
    ]
  }
}
