public import CopurNumerics

/// One agent's side of joint training: it holds its own rows and model, and learns of the others through ∂ℓ/∂h_i alone.
public struct ExtractorTrainee: Sendable {
  /// f_θi.
  public private(set) var network: DenseNetwork
  private let inputs: Matrix
  private var optimizer: Optimizer
  private var trace: DenseNetwork.Trace?

  /// - Parameters:
  ///   - network: The extractor to start from.
  ///   - inputs: The agent's own standardised rows, [n, inputWidth].
  public init(network: DenseNetwork, inputs: Matrix, optimizer: Optimizer) {
    self.network = network
    self.inputs = inputs
    self.optimizer = optimizer
  }

  /// The embeddings of the given rows, [rows, d_i], for the fusion center.
  public mutating func embed(rows: [Int]) -> Matrix {
    let trace = network.trace(inputs.selecting(rows: rows))
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
/// (CoPur's supplement, section C.2, "Unsecured").
public enum JointTraining {
  /// Trains extractors and fusion model.
  ///
  /// - Parameters:
  ///   - agents: The agents' sides, in the order of the blocks.
  ///   - fusion: The fusion model to start from; its input is as wide as all blocks together.
  ///   - labels: n classes, from 0, which the fusion center alone knows.
  ///   - layout: The blocks of the embedding.
  ///   - progress: Called after each epoch with its number, from 1, and mean loss.
  /// - Returns: The extractors and the fusion model after the last step.
  /// - Throws: ``CancellationError`` if the task is cancelled; ``NumericsError`` if the loss stops being finite.
  public static func train(
    agents: [ExtractorTrainee], fusion: DenseNetwork, labels: [Int], layout: BlockLayout, loss: ClassificationLoss,
    optimizer: Optimizer, epochs: Int, batch: Int, using generator: inout SeededGenerator,
    progress: (Int, Float) -> Void = { _, _ in }
  ) throws -> (extractors: [DenseNetwork], fusion: DenseNetwork) {
    precondition(agents.count == layout.count)
    var agents = agents
    var fusion = fusion
    var optimizer = optimizer
    try Epochs(rows: labels.count, batch: batch, count: epochs).run(using: &generator, progress: progress) { rows in
      var embeddings = Matrix(rows: rows.count, columns: layout.totalWidth)
      for index in agents.indices { embeddings.replaceColumns(layout[index], with: agents[index].embed(rows: rows)) }
      let trace = fusion.trace(embeddings)
      let (value, gradient) = loss(trace.output, labels: rows.map { labels[$0] })
      let (blocks, parameters) = fusion.backward(trace, outputGradient: gradient)
      fusion.update(by: parameters, with: &optimizer)
      for index in agents.indices { agents[index].receive(gradient: blocks.columns(layout[index])) }
      return value
    }
    return (agents.map(\.network), fusion)
  }
}
