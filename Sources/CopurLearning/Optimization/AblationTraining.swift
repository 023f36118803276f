public import CopurNumerics

/// Training of one network on inputs of which random blocks alone are kept (Levine and Feizi 2020, section 3.1, by blocks
/// as in CoPur, supplement, section C.2, "Randomized Ablation").
public enum AblationTraining {
  /// Trains by mini-batches; which blocks of a row are kept is drawn anew each time.
  ///
  /// - Parameters:
  ///   - network: The network to start from; its outputs are logits.
  ///   - inputs: [n, inputWidth].
  ///   - labels: n classes, from 0.
  ///   - keep: How many blocks of a row are kept, from 1 to all.
  ///   - learnsNull: Whether what stands in for an ablated block is learned with the network; else it is 0.
  ///   - presence: Which blocks there are; one that there is not is ablated. Nil for all.
  ///   - classWeights: How much a sample of each class counts; nil for 1 each.
  ///   - progress: Called after each epoch with its number, from 1, and mean loss.
  /// - Returns: The network after the last step, and NULL: what stands in for each block, inputWidth values.
  /// - Throws: `CancellationError` if the task is cancelled; ``NumericsError`` if the loss stops being finite.
  public static func train(
    _ network: DenseNetwork, inputs: Matrix, labels: [Int], layout: BlockLayout, keep: Int, learnsNull: Bool,
    presence: BlockPresence? = nil, loss: ClassificationLoss, classWeights: [Float]? = nil, optimizer: Optimizer,
    epochs: Int, batch: Int,
    using generator: inout SeededGenerator, progress: (Int, Float) -> Void = { _, _ in }
  ) throws -> (network: DenseNetwork, null: [Float]) {
    precondition((1...layout.count).contains(keep) && inputs.columns == layout.totalWidth)
    var network = network
    var optimizer = optimizer
    var nullOptimizer = optimizer
    var null = [Float](repeating: 0, count: layout.totalWidth)
    var choices = SeededGenerator(seed: generator.next())
    try Epochs(rows: inputs.rows, batch: batch, count: epochs).run(using: &generator, progress: progress) { rows in
      var kept = inputs.selecting(rows: rows)
      var ablated: [(row: Int, columns: Range<Int>)] = []
      for row in rows.indices {
        let order = choices.permutation(layout.count)
        let absent = order.prefix(keep).filter { presence?.has($0, of: rows[row]) == false }
        for block in order.dropFirst(keep) + absent {
          ablated.append((row, layout[block]))
          for column in layout[block] { kept[row, column] = null[column] }
        }
      }
      let trace = network.trace(kept)
      let (value, gradient) = loss(trace.output, labels: rows.map { labels[$0] }, classWeights: classWeights)
      let (slopes, parameters) = network.backward(trace, outputGradient: gradient)
      network.update(by: parameters, with: &optimizer)
      if learnsNull {
        var slope = [Float](repeating: 0, count: null.count)
        for (row, columns) in ablated {
          for column in columns { slope[column] += slopes[row, column] }
        }
        nullOptimizer.beginStep()
        nullOptimizer.move(&null, along: slope)
      }
      return value
    }
    return (network, null)
  }
}
