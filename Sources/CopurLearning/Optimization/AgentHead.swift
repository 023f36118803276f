internal import CopurNumerics

/// A classifier on one agent's block alone, for joint training only.
struct AgentHead {
  private var network: DenseNetwork
  private var optimizer: Optimizer

  init(width: Int, logits: Int, optimizer: Optimizer, using generator: inout SeededGenerator) {
    network = DenseNetwork(widths: [width, logits], hidden: .identity, using: &generator)
    self.optimizer = optimizer
  }

  /// Takes a step on a batch of blocks, [n, d_i].
  ///
  /// - Returns: ∂ℓ_i/∂h_i of the head's own mean loss before the step, [n, d_i].
  mutating func learn(
    from blocks: Matrix, labels: [Int], loss: ClassificationLoss, classWeights: [Float]?
  ) -> Matrix {
    let trace = network.trace(blocks)
    let (_, gradient) = loss(trace.output, labels: labels, classWeights: classWeights)
    let (slope, parameters) = network.backward(trace, outputGradient: gradient)
    network.update(by: parameters, with: &optimizer)
    return slope
  }
}
