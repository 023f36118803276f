internal import CopurNumerics

/// A classifier on one agent's block alone, for joint training only.
struct AgentHead {
  private(set) var network: DenseNetwork
  private(set) var optimizer: Optimizer

  init(width: Int, logits: Int, optimizer: Optimizer, using generator: inout SeededGenerator) {
    network = DenseNetwork(widths: [width, logits], hidden: .identity, using: &generator)
    self.optimizer = optimizer
  }

  /// Goes back to where a training was.
  mutating func restore(_ parameters: [[Float]], _ optimizer: Optimizer) throws {
    network = try network.with(parameters: parameters)
    self.optimizer = optimizer
  }

  /// Takes a step on a batch of blocks, [n, d_i].
  ///
  /// - Parameter places: The rows that there are a block of; nil for all. Others count for nothing.
  /// - Returns: ∂ℓ_i/∂h_i of the head's own mean loss before the step, [n, d_i].
  mutating func learn(
    from blocks: Matrix, at places: [Int]?, labels: [Int], loss: ClassificationLoss, classWeights: [Float]?
  ) -> Matrix {
    guard let places, places.count < labels.count else {
      return learn(from: blocks, labels: labels, loss: loss, classWeights: classWeights)
    }
    var slope = Matrix(rows: blocks.rows, columns: blocks.columns)
    guard !places.isEmpty else { return slope }
    let own = learn(
      from: blocks.selecting(rows: places), labels: places.map { labels[$0] }, loss: loss, classWeights: classWeights)
    // A row counts for the extractor as much as in a batch of which the agent has every reading.
    let share = Float(places.count) / Float(labels.count)
    for (row, place) in places.enumerated() {
      for column in 0..<blocks.columns { slope[place, column] = own[row, column] * share }
    }
    return slope
  }

  private mutating func learn(
    from blocks: Matrix, labels: [Int], loss: ClassificationLoss, classWeights: [Float]?
  ) -> Matrix {
    let trace = network.trace(blocks)
    let (_, gradient) = loss(trace.output, labels: labels, classWeights: classWeights)
    let (slope, parameters) = network.backward(trace, outputGradient: gradient)
    network.update(by: parameters, with: &optimizer)
    return slope
  }
}
