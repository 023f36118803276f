public import CopurNumerics

/// One agent's side of joint training: it holds its own rows and model, and learns of the others through ∂ℓ/∂h_i alone.
public struct ExtractorTrainee: Sendable {
  /// f_θi.
  public private(set) var network: Network
  private let inputs: Matrix
  private var optimizer: Optimizer
  private var trace: Network.Trace?
  /// What the random numbers of the next step follow from.
  private var seed: UInt64

  /// - Parameters:
  ///   - network: The extractor to start from.
  ///   - inputs: The agent's own standardised rows, [n, inputWidth].
  ///   - seed: What layers that draw in training, such as dropout, draw from; each agent's own.
  public init(network: Network, inputs: Matrix, optimizer: Optimizer, seed: UInt64 = 0) {
    self.network = network
    self.inputs = inputs
    self.optimizer = optimizer
    self.seed = seed
  }

  /// The same with a chain of dense layers.
  public init(network: DenseNetwork, inputs: Matrix, optimizer: Optimizer) {
    self.init(network: Network(network), inputs: inputs, optimizer: optimizer)
  }

  /// The embeddings of the given rows, [rows, d_i], for the fusion center.
  public mutating func embed(rows: [Int]) -> Matrix {
    let trace = network.trace(inputs.selecting(rows: rows), in: .training(seed: seed))
    seed &+= 1
    self.trace = trace
    return trace.output
  }

  /// Takes ∂ℓ/∂h_i of the rows last embedded and moves θ_i.
  public mutating func receive(gradient: Matrix) {
    guard let trace else { preconditionFailure("a gradient before any embedding") }
    network.update(by: network.backward(trace, outputGradient: gradient).parameters, with: &optimizer)
    self.trace = nil
  }
}

/// Joint training of extractors and fusion model, synchronous: the synchronous form of Algorithm 1 of Chen et al. 2020
/// (CoPur's supplement, section C.2, "Unsecured"), with what makes agents redundant as options.
public struct JointTraining {
  /// The blocks of the embedding.
  public let layout: BlockLayout
  /// What is minimized, over the fusion model's outputs.
  public let loss: ClassificationLoss
  /// How much a sample of each class counts; nil for 1 each.
  public var classWeights: [Float]?
  /// The probability with which a block is withheld from the fusion model in a step, each sample's and agent's by itself;
  /// from 0 to under 1. What remains has to be enough, so that no agent is the only one to know something.
  public var agentDropout: Float = 0
  /// Whether each agent's block also has a head of its own, one affine layer that predicts from it alone. Its loss is
  /// added, so that every block says of the class what its agent can know. The heads stay at the fusion center and are
  /// dropped after training.
  public var hasAgentHeads = false

  /// Which agents said something of which row; nil for all of all. Of what an agent did not say the fusion model gets 0, as
  /// of a withheld block, and neither extractor nor head gets a gradient.
  public var presence: BlockPresence?

  /// Joint training without any of the options.
  public init(layout: BlockLayout, loss: ClassificationLoss) {
    self.layout = layout
    self.loss = loss
  }

  /// Trains extractors and fusion model.
  ///
  /// - Parameters:
  ///   - agents: The agents' sides, in the order of the blocks.
  ///   - fusion: The fusion model to start from; its input is as wide as all blocks together.
  ///   - labels: n classes, from 0, which the fusion center alone knows.
  ///   - progress: Called after each epoch with its number, from 1, and mean loss.
  /// - Returns: The extractors and the fusion model after the last step.
  /// - Throws: ``CancellationError`` if the task is cancelled; ``NumericsError`` if the loss stops being finite.
  public func train(
    agents: [ExtractorTrainee], fusion: DenseNetwork, labels: [Int], optimizer: Optimizer, epochs: Int, batch: Int,
    using generator: inout SeededGenerator, progress: (Int, Float) -> Void = { _, _ in }
  ) throws -> (extractors: [Network], fusion: DenseNetwork) {
    precondition(agents.count == layout.count && (0..<1).contains(agentDropout))
    var agents = agents
    var fusion = fusion
    var fusionOptimizer = optimizer
    var heads: [AgentHead] = []
    if hasAgentHeads {
      heads = layout.widths.map { width in
        AgentHead(width: width, logits: fusion.outputWidth, optimizer: optimizer, using: &generator)
      }
    }
    var dropouts = SeededGenerator(seed: agentDropout > 0 ? generator.next() : 0)
    try Epochs(rows: labels.count, batch: batch, count: epochs).run(using: &generator, progress: progress) { rows in
      let labels = rows.map { labels[$0] }
      var embeddings = Matrix(rows: rows.count, columns: layout.totalWidth)
      for index in agents.indices { embeddings.replaceColumns(layout[index], with: agents[index].embed(rows: rows)) }
      let kept = keptBlocks(rows: rows, using: &dropouts)
      let trace = fusion.trace(kept.map { withholding($0, from: embeddings) } ?? embeddings)
      let (value, gradient) = loss(trace.output, labels: labels, classWeights: classWeights)
      var (slopes, parameters) = fusion.backward(trace, outputGradient: gradient)
      fusion.update(by: parameters, with: &fusionOptimizer)
      if let kept { slopes = withholding(kept, from: slopes) }
      for index in agents.indices {
        var slope = slopes.columns(layout[index])
        if hasAgentHeads {
          let blocks = embeddings.columns(layout[index])
          let places = presence.map { $0.places(of: index, in: rows) }
          let own = heads[index].learn(
            from: blocks, at: places, labels: labels, loss: loss, classWeights: classWeights)
          for position in slope.values.indices { slope.values[position] += own.values[position] }
        }
        agents[index].receive(gradient: slope)
      }
      return value
    }
    return (agents.map(\.network), fusion)
  }

  /// For each sample and block whether the fusion model gets it, [samples · blocks]; nil if it gets all.
  private func keptBlocks(rows: [Int], using generator: inout SeededGenerator) -> [Bool]? {
    guard agentDropout > 0 || presence != nil else { return nil }
    return (0..<rows.count * layout.count).map { place in
      let (sample, block) = place.quotientAndRemainder(dividingBy: layout.count)
      let isKept = agentDropout > 0 ? generator.uniform() >= Double(agentDropout) : true
      return isKept && presence?.has(block, of: rows[sample]) ?? true
    }
  }

  /// The matrix with 0 for the blocks that are not kept.
  private func withholding(_ kept: [Bool], from whole: Matrix) -> Matrix {
    var matrix = whole
    for (place, isKept) in kept.enumerated() where !isKept {
      let (sample, block) = place.quotientAndRemainder(dividingBy: layout.count)
      for column in layout[block] { matrix[sample, column] = 0 }
    }
    return matrix
  }
}
