public import CopurCore
public import CopurLearning
public import CopurNumerics

/// The agents' side of a bundle's training: they hold the features, in this process or in their own.
public protocol TrainingAgents: Sendable {
  /// Trains extractors and a fusion model jointly.
  ///
  /// - Parameters:
  ///   - job: What agents have to know.
  ///   - center: The fusion center's side before its first step.
  ///   - progress: Called after each epoch with its number, from 1, and mean loss.
  /// - Returns: The agents with their extractors, and the fusion center's side after the last step.
  /// - Throws: ``NumericsError`` if a training diverges; `CancellationError`; ``CopurError`` if an agent cannot go on.
  func train(
    _ job: JointJob, center: JointTrainingCenter, progress: @escaping @Sendable (Int, Float) -> Void
  ) async throws -> (agents: any TrainedAgents, center: JointTrainingCenter)
}

/// A joint training as agents have to know it.
public struct JointJob: Hashable, Sendable {
  /// The name that this training alone has among those of a bundle.
  public let name: String
  /// The settings of the extractors.
  public let training: TrainingSettings
  /// The seed of extractors' first weights.
  public let seed: UInt64
  /// The numbers of the rows, which agents standardise by and train on.
  public let rows: [Int]
  /// Whether each agent says something of some row. Of one that does not nothing is learned.
  public let isHeard: [Bool]
  /// The lie that each agent sends in place of its embeddings; nil for honest ones.
  public let lies: [TrainingLie?]

  /// - Parameters:
  ///   - name: The name that this training alone has among those of a bundle.
  ///   - seed: What extractors' first weights follow from.
  ///   - rows: The numbers of the rows.
  ///   - isHeard: Whether each agent says something of some row.
  ///   - lies: What each agent sends in place of its embeddings; nil for honest ones.
  public init(
    name: String, training: TrainingSettings, seed: UInt64, rows: [Int], isHeard: [Bool], lies: [TrainingLie?]
  ) {
    self.name = name
    self.training = training
    self.seed = seed
    self.rows = rows
    self.isHeard = isHeard
    self.lies = lies
  }
}

/// Agents after a joint training.
public protocol TrainedAgents: Sendable {
  /// The extractors; those of agents in other processes are no more than their widths here.
  var extractors: [any FeatureExtractor] { get }

  /// The embeddings of rows, without those of agents that say nothing of one.
  ///
  /// - Parameter rows: The numbers by which the agents know the rows.
  /// - Throws: ``CopurError`` if an agent cannot be asked.
  func observe(_ rows: [Int]) async throws -> Observation

  /// The agents with embeddings multiplied by a factor each.
  ///
  /// - Throws: ``CopurError`` if an agent cannot be told.
  func scaling(by factors: [Float]) async throws -> any TrainedAgents
}

/// One agent's part in a joint training: from its own rows to an extractor.
///
/// The same in this process and in an agent's own.
public struct AgentTraining: Sendable {
  /// The agent's side of the steps.
  public var trainee: ExtractorTrainee
  private let standardizer: Standardizer
  private let isHeard: Bool

  /// - Parameters:
  ///   - training: How extractors are trained.
  ///   - agent: The agent's place among all.
  ///   - widths: How many raw features each agent up to this one has, itself included.
  ///   - geometry: How its raw features lie.
  ///   - features: The agent's raw features of the job's rows, [n, width]; NaN where a value is missing, and in all of a row
  ///     of which it says nothing.
  ///   - standardizer: What brings features to one scale; nil for the statistics of the features themselves.
  ///   - isHeard: Whether it says something of some row. Otherwise it learns nothing.
  ///   - seed: What the first weights follow from: the job's, or a secret of the agent's own, so that nobody else knows what
  ///     its embeddings are a function of.
  ///   - lie: What it sends in place of its embeddings; nil for an honest agent.
  public init(
    _ training: TrainingSettings, agent: Int, widths: [Int], geometry: FeatureGeometry = .plain, features: Matrix,
    standardizer: Standardizer? = nil, isHeard: Bool, seed: UInt64, lie: TrainingLie? = nil
  ) throws {
    var standardizer = standardizer ?? Standardizer(fitting: features)
    if training.extractor == .convolutional, case .grid(_, _, let channels) = geometry, geometry.fits(features.columns)
    {
      standardizer = standardizer.pooled(channels: channels)
    }
    self.standardizer = standardizer
    self.isHeard = isHeard
    let network: Network
    switch training.extractor {
    case .convolutional:
      let architecture = try training.givenConvolution.architecture(
        features: features.columns, geometry: geometry, outputs: training.embedding)
      var generator = SeededGenerator(seed: seed, purpose: "extractor of agent \(agent)")
      network = try Network(architecture, using: &generator)
    case .linear, .voters, .given:
      // Agents draw one after the other from one sequence: this one's weights come after those before it.
      var generator = SeededGenerator(seed: seed, purpose: JointJob.purpose)
      for width in widths.dropLast() { Self.skipWeights(training, inputs: width, using: &generator) }
      network = Network(Self.linearNetwork(training, inputs: features.columns, using: &generator))
    }
    trainee = ExtractorTrainee(
      network: network, inputs: standardizer.apply(to: features),
      optimizer: training.jointOptimizer(rows: features.rows),
      exchange: training.jointExchange, seed: SeededGenerator.seed(seed, of: agent), lie: lie)
  }

  /// Draws what an agent's weights take of a sequence that agents share; those of a convolution have one of their own.
  static func skipWeights(_ training: TrainingSettings, inputs: Int, using generator: inout SeededGenerator) {
    if training.extractor != .convolutional { _ = linearNetwork(training, inputs: inputs, using: &generator) }
  }

  /// A linear extractor before any training.
  private static func linearNetwork(
    _ training: TrainingSettings, inputs: Int, using generator: inout SeededGenerator
  ) -> DenseNetwork {
    switch training.extractorStart {
    case .glorot: DenseNetwork(widths: [inputs, training.embedding], hidden: .identity, using: &generator)
    case .zero: silentNetwork(inputs: inputs, outputs: training.embedding)
    }
  }

  /// A network that says 0.
  static func silentNetwork(inputs: Int, outputs: Int) -> DenseNetwork {
    DenseNetwork(layers: [
      DenseLayer(
        weights: Matrix(rows: inputs, columns: outputs), bias: [Float](repeating: 0, count: outputs),
        activation: .identity)
    ])
  }

  /// The extractor that was learned. Of an agent without a reading nothing is, so it says 0 and has no part in any decision.
  public var extractor: NetworkExtractor {
    NetworkExtractor(
      standardizer: standardizer,
      network: isHeard
        ? trainee.network
        : Network(Self.silentNetwork(inputs: trainee.network.inputWidth, outputs: trainee.network.outputWidth)))
  }
}

extension JointJob {
  /// The purpose that random numbers of joint training are drawn for.
  static let purpose = "joint training"
}

extension SeededGenerator {
  /// The seed of one agent's noise.
  package static func seed(_ seed: UInt64, of agent: Int) -> UInt64 {
    var generator = SeededGenerator(seed: seed, purpose: "agent \(agent) in training")
    return generator.next()
  }
}
