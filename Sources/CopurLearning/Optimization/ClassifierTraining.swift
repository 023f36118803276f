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
  /// - Throws: `CancellationError` if the task is cancelled; ``NumericsError`` if the loss stops being finite.
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

  /// Trains a network of any layers, with steps that grow over the first fifth of the epochs and then fall to zero along a
  /// cosine (Smith 2018).
  ///
  /// - Parameters:
  ///   - network: The network to start from; its outputs are logits.
  ///   - inputs: [n, inputWidth].
  ///   - labels: n classes, from 0.
  ///   - classWeights: How much a sample of each class counts; nil for 1 each.
  ///   - optimizer: Its step size is the largest of all epochs.
  ///   - epochs: Passes over the rows.
  ///   - batch: Rows a step; the last step of an epoch has what is left.
  /// - Returns: The network after the last step.
  /// - Throws: `CancellationError` if the task is cancelled; ``NumericsError`` if the loss stops being finite.
  public static func trainInOneCycle(
    _ network: Network, inputs: Matrix, labels: [Int], loss: ClassificationLoss, classWeights: [Float]? = nil,
    optimizer: Optimizer, epochs: Int, batch: Int, using generator: inout SeededGenerator
  ) throws -> Network {
    var network = network
    var optimizer = optimizer
    optimizer.cycle = max(1, epochs * ((inputs.rows + batch - 1) / batch))
    var draws = SeededGenerator(seed: generator.next())
    let passes = Epochs(rows: inputs.rows, batch: batch, count: epochs)
    try passes.run(using: &generator) { _, _ in
    } step: { rows in
      let trace = network.trace(inputs.selecting(rows: rows), in: .training(seed: draws.next()))
      let (value, gradient) = loss(trace.output, labels: rows.map { labels[$0] }, classWeights: classWeights)
      network.update(by: network.backward(trace, outputGradient: gradient).parameters, with: &optimizer)
      return value
    }
    return network
  }
}
