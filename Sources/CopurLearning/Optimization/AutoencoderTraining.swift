public import CopurNumerics

/// Training of a network to reproduce its input.
public enum AutoencoderTraining {
  /// Trains by mini-batches on the mean squared distance.
  ///
  /// - Parameters:
  ///   - network: Encoder and decoder as one chain; as wide at the end as at the start.
  ///   - inputs: [n, width].
  ///   - progress: Called after each epoch with its number, from 1, and mean loss.
  /// - Throws: `CancellationError` if the task is cancelled; ``NumericsError`` if the loss stops being finite.
  public static func train(
    _ network: DenseNetwork, inputs: Matrix, optimizer: Optimizer, epochs: Int, batch: Int,
    using generator: inout SeededGenerator, progress: (Int, Float) -> Void = { _, _ in }
  ) throws -> DenseNetwork {
    var network = network
    var optimizer = optimizer
    try Epochs(rows: inputs.rows, batch: batch, count: epochs).run(using: &generator, progress: progress) { rows in
      let target = inputs.selecting(rows: rows)
      let trace = network.trace(target)
      let (value, gradient) = ReconstructionLoss.evaluate(trace.output, against: target)
      network.update(by: network.backward(trace, outputGradient: gradient).parameters, with: &optimizer)
      return value
    }
    return network
  }
}
