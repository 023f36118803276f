public import CopurNumerics

/// Training of one network on fixed inputs and labels.
public enum ClassifierTraining {
  /// Trains by mini-batches, in an order drawn anew each epoch.
  ///
  /// - Parameters:
  ///   - network: The network to start from; its outputs are logits.
  ///   - inputs: [n, inputWidth].
  ///   - labels: n classes, from 0.
  ///   - classWeights: How much a sample of each class counts; nil for 1 each.
  ///   - epochs: Passes over the rows.
  ///   - batch: Rows a step; the last step of an epoch has what is left.
  ///   - progress: Called after each epoch with its number, from 1, and mean loss.
  /// - Returns: The network after the last step.
  /// - Throws: ``CancellationError`` if the task is cancelled; ``NumericsError`` if the loss stops being finite.
  public static func train(
    _ network: DenseNetwork, inputs: Matrix, labels: [Int], loss: ClassificationLoss, classWeights: [Float]? = nil,
    optimizer: Optimizer, epochs: Int, batch: Int, using generator: inout SeededGenerator,
    progress: (Int, Float) -> Void = { _, _ in }
  ) throws -> DenseNetwork {
    var network = network
    var optimizer = optimizer
    try Epochs(rows: inputs.rows, batch: batch, count: epochs).run(using: &generator, progress: progress) { rows in
      let trace = network.trace(inputs.selecting(rows: rows))
      let (value, gradient) = loss(trace.output, labels: rows.map { labels[$0] }, classWeights: classWeights)
      network.update(by: network.backward(trace, outputGradient: gradient).parameters, with: &optimizer)
      return value
    }
    return network
  }
}
