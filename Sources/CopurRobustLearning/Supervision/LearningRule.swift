internal import CopurLearning
internal import CopurNumerics

/// A way to train a network whose targets may be wrong (Liu, thesis, chapters 4 and 5), beside those it is compared with.
public enum LearningRule: String, Hashable, Sendable, Codable, CaseIterable {
  /// All rows alike.
  case standard
  /// Huber's loss; targets that are numbers.
  case huber
  /// Each row's gradient by the output no longer than 1.
  case clipping
  /// Rows of large loss are left out: self-paced learning, trimmed loss.
  case spl
  /// Rows with a large gradient of all parameters are left out (Algorithm 3).
  case prlG = "prl-g"
  /// Rows with a large gradient at the output are left out (Algorithm 4).
  case prlL = "prl-l"
  /// Two networks, each trained on the rows of small loss of the other (Han et al. 2018).
  case coTeaching = "co-teaching"
  /// Two networks, each trained on what the other keeps by PRL(L) (Algorithm 5).
  case coPRL = "co-prl-l"
  /// Labels drawn towards what the network says itself (Reed et al. 2015); classes.
  case bootstrap
  /// Labels that cross-validated probabilities contradict are left out first (Northcutt, Jiang and Chuang 2021); classes.
  case confidentLearning = "confident-learning"

  /// Whether it is for targets that are classes, or numbers; nil for both.
  public var isForClasses: Bool? {
    switch self {
    case .bootstrap, .confidentLearning: true
    case .huber: false
    default: nil
    }
  }

  /// Whether it leaves rows out of each mini-batch.
  var selects: Bool {
    switch self {
    case .spl, .prlG, .prlL, .coTeaching, .coPRL: true
    case .standard, .huber, .clipping, .bootstrap, .confidentLearning: false
    }
  }

  var networks: Int { self == .coTeaching || self == .coPRL ? 2 : 1 }

  var doubt: SupervisedNetwork.Doubt {
    switch self {
    case .prlL, .coPRL: .outputGradient
    case .prlG: .parameterGradient
    default: .loss
    }
  }
}

/// The settings by which a study trains: the same for every rule.
public struct StudySettings: Hashable, Sendable {
  /// Passes over the rows.
  public var epochs: Int
  /// Rows a step.
  public var batch: Int
  /// Adam's step size.
  public var learningRate: Float
  /// The width of the two hidden layers.
  public var hidden = 256
  /// ε, the share that rules leave out.
  public var share: Double
  /// T_k, over how many epochs the kept share falls.
  public var fall = 10.0
  /// The size of the step against the network that precedes each step of the training; nil for none.
  public var inner: Float?
  /// Whether that step is the same for all rows of a mini-batch.
  public var isInnerShared = false

  /// - Parameter share: ε, the share that rules leave out.
  public init(epochs: Int, batch: Int, learningRate: Float, share: Double) {
    self.epochs = epochs
    self.batch = batch
    self.learningRate = learningRate
    self.share = share
  }

  /// Over how many of the last epochs a figure is the mean.
  static let lastEpochs = 10

  /// Trains by a rule, and measures after each of the last epochs.
  ///
  /// - Parameters:
  ///   - targets: The targets, for rules that take them as they are.
  ///   - rows: Those trained on.
  ///   - measure: Figures of a network.
  /// - Returns: The mean of each figure over the last epochs and all networks.
  func train(
    by rule: LearningRule, inputs: Matrix, targets: SupervisedNetwork.Targets, outputs: Int, seed: UInt64,
    measure: (DenseNetwork) -> [Double]
  ) throws -> [Double] {
    var generator = SeededGenerator(seed: seed, purpose: "study \(rule.rawValue)")
    let step = inner.map { SupervisedNetwork.InnerStep(size: $0, isShared: isInnerShared) }
    var models = (0..<rule.networks).map { _ in
      SupervisedNetwork(
        DenseNetwork(
          widths: [inputs.columns, hidden, hidden, outputs], hidden: .leakyReLU(slope: 0.01), using: &generator),
        inputs: inputs, targets: targets, doubt: rule.doubt, clip: rule == .clipping ? 1 : nil, inner: step,
        optimizer: Optimizer(.adam(), learningRate: learningRate))
    }
    let training = SelectiveTraining(
      share: KeptShare(leftOut: rule.selects ? share : 0, over: fall), exchanges: rule.networks > 1, epochs: epochs,
      batch: batch)
    var (sums, count) = ([Double](), 0)
    try training.train(&models, rows: inputs.rows, using: &generator) { _, _ in
    } finished: { epoch, models in
      guard epoch > epochs - Self.lastEpochs else { return }
      for model in models {
        let figures = measure(model.network)
        if sums.isEmpty { sums = figures } else { for index in sums.indices { sums[index] += figures[index] } }
        count += 1
      }
    }
    return sums.map { $0 / Double(max(1, count)) }
  }
}
