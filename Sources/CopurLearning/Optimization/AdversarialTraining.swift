public import CopurNumerics

/// Training of one network on adversarial examples of its own making (Madry et al. 2018, Eq. 2.1), without a bound on how
/// far they are from the inputs that they are made of (CoPur, section 5, "Adversarial Training").
public enum AdversarialTraining {
  /// Trains by mini-batches, each replaced by its adversarial examples against the network as it is then.
  ///
  /// - Parameters:
  ///   - network: The network to start from; its outputs are logits.
  ///   - inputs: [n, inputWidth].
  ///   - labels: n classes, from 0.
  ///   - targets: The class that each row's example is pushed to; nil to push it away from its own.
  ///   - blocks: The blocks of which one, drawn anew each time, is attacked in a row; nil to attack all columns.
  ///   - presence: Which blocks there are; what there is not stays 0 and is not attacked. Nil for all.
  ///   - classWeights: How much a sample of each class counts; nil for 1 each.
  ///   - progress: Called after each epoch with its number, from 1, and mean loss.
  /// - Returns: The network after the last step.
  /// - Throws: `CancellationError` if the task is cancelled; ``NumericsError`` if the loss stops being finite.
  public static func train(
    _ network: DenseNetwork, inputs: Matrix, labels: [Int], targets: [Int]?, blocks: BlockLayout?,
    presence: BlockPresence? = nil, descent: InputDescent, loss: ClassificationLoss, classWeights: [Float]? = nil,
    optimizer: Optimizer, epochs: Int,
    batch: Int, using generator: inout SeededGenerator, progress: (Int, Float) -> Void = { _, _ in }
  ) throws -> DenseNetwork {
    var network = network
    var optimizer = optimizer
    var choices = SeededGenerator(seed: generator.next())
    try Epochs(rows: inputs.rows, batch: batch, count: epochs).run(using: &generator, progress: progress) { rows in
      let attacked = blocks.map { blocks in
        rows.map { _ in blocks[Int.random(in: 0..<blocks.count, using: &choices)] }
      }
      var examples = descent.move(
        inputs.selecting(rows: rows), through: network, loss: loss, labels: rows.map { (targets ?? labels)[$0] },
        ascends: targets == nil, columns: attacked)
      if let presence { examples = presence.withholding(from: examples, rows: rows) }
      let trace = network.trace(examples)
      let (value, gradient) = loss(trace.output, labels: rows.map { labels[$0] }, classWeights: classWeights)
      network.update(by: network.backward(trace, outputGradient: gradient).parameters, with: &optimizer)
      return value
    }
    return network
  }
}
