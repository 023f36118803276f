public import CopurLearning

/// The settings of the training of extractors and fusion model: the `training:` section of a scenario, also kept in a
/// bundle.
///
/// The defaults are the paper's for ExtraSensory (CoPur, supplement, section C). It names no optimiser; the default is plain
/// SGD, as in Chen et al. 2020, whose algorithm it uses.
public struct TrainingSettings: Hashable, Sendable, Codable {
  /// The kinds of an agent's local model.
  public enum Extractor: String, Hashable, Sendable, Codable, CaseIterable {
    /// One linear layer on the standardised features, trained jointly with all others.
    case linear
    /// Layers of convolution on a picture, trained jointly with all others.
    case convolutional
    /// Voters: classifiers trained on the agent's own features alone. The embedding is their evidence, the mean of their
    /// log-odds or log-probabilities.
    case voters
    /// One that is given and not trained: a kind of ``KindRegistry/extractors``, which scenarios call by its own name.
    case given

    /// Whether extractors are trained jointly with the fusion model.
    public var isJoint: Bool { self == .linear || self == .convolutional }
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

  /// The course of step sizes over a training.
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

  /// The kind of an agent's local model.
  public var extractor: Extractor
  /// The settings of an agent's voters, where the extractor is made of those; nil for the defaults.
  public var voters: VoterSettings?
  /// The layers of a convolutional extractor; nil for the defaults.
  public var convolution: ConvolutionSettings?
  /// The extractor that is given; nil if extractors are trained.
  public var given: ExtractorSpec?
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
  /// The course of step sizes over each training; nil for constant ones.
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
  /// The number of consecutive training rows that are held back at a time to choose settings by; nil for an eighth of them.
  /// 221 of 1721 in the paper.
  public var validationRows: Int?
  /// The exchange of embeddings and gradients between agents and fusion center in joint training; nil for the defaults.
  public var exchange: JointExchange?
  /// Agents that lie in training; nil for none.
  public var attack: TrainingAttack?
  /// Training rows that were spoiled; nil for none.
  public var poison: TrainingPoison?
  /// The audit of training rows before they are trained on; nil for none.
  public var robust: AuditSettings?
  /// Other settings to train by if rows that are held back prefer them; none of them has alternatives itself.
  public var alternatives: [TrainingSettings] = []

  /// Whether each agent has voters at the fusion center, which learn from the embeddings of extractors that are none.
  public var hasVotersAtCenter: Bool { extractor != .voters && voters?.place == .center }

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
    case extractor, voters, convolution, given, embedding, epochs, batch, hidden, slope, optimizer, schedule, decay,
      fusion
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
