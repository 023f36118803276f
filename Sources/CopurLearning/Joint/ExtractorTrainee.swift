public import CopurNumerics

/// One agent's side of joint training: it holds its own rows and model, and learns of the others through ∂ℓ/∂h_i alone.
public struct ExtractorTrainee: Sendable {
  /// f_θi.
  public private(set) var network: Network
  /// The exchange of embeddings with the fusion center, and the number of steps along a gradient.
  public let exchange: JointExchange
  private let inputs: Matrix
  private var optimizer: Optimizer
  /// The rows last embedded, and the pass that embedded them.
  private var pass: (rows: [Int], trace: Network.Trace)?
  /// The seed of the next step's random numbers.
  private var seed: UInt64
  private var noise: SeededGenerator
  /// The lie that it sends in place of its embeddings; nil for an honest agent.
  private let lie: TrainingLie?
  /// The embeddings that it sent last, if it lies.
  private var before: Matrix?

  /// - Parameters:
  ///   - network: The extractor to start from.
  ///   - inputs: The agent's own standardised rows, [n, inputWidth].
  ///   - seed: What layers that draw in training, such as dropout, and noise draw from; each agent's own.
  ///   - lie: What it sends in place of its embeddings; nil for an honest agent.
  public init(
    network: Network, inputs: Matrix, optimizer: Optimizer, exchange: JointExchange = JointExchange(), seed: UInt64 = 0,
    lie: TrainingLie? = nil
  ) {
    self.network = network
    self.inputs = inputs
    self.optimizer = optimizer
    self.exchange = exchange
    self.seed = seed
    self.lie = lie
    noise = SeededGenerator(seed: seed, purpose: "noise on embeddings")
  }

  /// The same with a chain of dense layers.
  public init(
    network: DenseNetwork, inputs: Matrix, optimizer: Optimizer, exchange: JointExchange = JointExchange(),
    seed: UInt64 = 0,
    lie: TrainingLie? = nil
  ) {
    self.init(
      network: Network(network), inputs: inputs, optimizer: optimizer, exchange: exchange, seed: seed, lie: lie)
  }

  /// The embeddings of the given rows, [rows, d_i], as the fusion center gets them.
  public mutating func embed(rows: [Int]) -> Matrix {
    let trace = trace(of: rows)
    pass = (rows, trace)
    var output = trace.output
    if let lie {
      output = lie.sent(output, rows: rows, before: before, seed: seed)
      before = output
    }
    return exchange.sent(output, noise: exchange.embeddingNoise, using: &noise)
  }

  /// Takes ∂ℓ/∂h_i of the rows last embedded and moves θ_i along it, once for each local step.
  public mutating func receive(gradient: Matrix) {
    guard let (rows, first) = pass else { preconditionFailure("a gradient before any embedding") }
    var trace = first
    for step in 0..<exchange.localSteps {
      if step > 0 { trace = self.trace(of: rows) }
      network.update(by: self.gradient(trace, gradient), with: &optimizer)
    }
    pass = nil
  }

  /// ∂ℓ/∂θ_i. Of a single layer without the way back to the input, which leaves the bits as they are.
  private func gradient(_ trace: Network.Trace, _ gradient: Matrix) -> [[Float]] {
    network.architecture.layers.count == 1
      ? network.parameterGradient(trace, outputGradient: gradient)
      : network.backward(trace, outputGradient: gradient).parameters
  }

  private mutating func trace(of rows: [Int]) -> Network.Trace {
    defer { seed &+= 1 }
    return network.trace(inputs.selecting(rows: rows), in: .training(seed: seed))
  }

  // MARK: Checkpoints

  /// Everything that changes in training.
  public struct State: Sendable, Codable {
    fileprivate let parameters: [PackedNumbers]
    fileprivate let optimizer: Optimizer
    fileprivate let seed: UInt64
    fileprivate let noise: SeededGenerator
    /// The embeddings that a liar sent last, and the number of their rows.
    fileprivate let before: PackedNumbers?
    fileprivate let rowsBefore: Int
  }

  /// The state of the training, between a gradient and the next embedding.
  public var state: State {
    State(
      parameters: network.parameters.map(PackedNumbers.init), optimizer: optimizer, seed: seed, noise: noise,
      before: before.map { PackedNumbers($0.values) }, rowsBefore: before?.rows ?? 0)
  }

  /// Goes back to where a training was.
  ///
  /// - Throws: ``ArchitectureError`` if the state is of another network.
  public mutating func restore(_ state: State) throws {
    network = try network.with(parameters: state.parameters.map(\.values))
    optimizer = state.optimizer
    seed = state.seed
    noise = state.noise
    before = state.before.flatMap { numbers in
      numbers.values.count == state.rowsBefore * network.outputWidth
        ? Matrix(rows: state.rowsBefore, columns: network.outputWidth, values: numbers.values) : nil
    }
    pass = nil
  }
}
