internal import CopurNumerics

/// Passes over shuffled pictures in mini-batches of one size; what is left at the end of a pass is left out, since
/// batch normalisation has no use for a batch of a few.
struct PictureBatches {
  /// The place of a step in a training.
  struct Place {
    /// The share of all steps that precede it, from 0 to under 1.
    var progress: Double
    /// The seed of this step's random numbers.
    var seed: UInt64
  }

  private let rows: Int
  private let batch: Int
  private let epochs: Int
  private var generator: SeededGenerator

  /// - Parameters:
  ///   - rows: At least 1.
  ///   - batch: At least 1; fewer where there are fewer pictures.
  ///   - purpose: What the training is for, with whose seed others have other orders.
  init(rows: Int, batch: Int, epochs: Int, seed: UInt64, purpose: String) {
    self.rows = rows
    self.batch = min(batch, rows)
    self.epochs = epochs
    generator = SeededGenerator(seed: seed, purpose: purpose)
  }

  /// - Parameters:
  ///   - progress: Called after each epoch with its number, from 1, and mean loss.
  ///   - step: Takes the rows of a batch and its place; returns its mean loss.
  mutating func run(progress: (Int, Float) -> Void, step: ([Int], Place) throws -> Float) throws {
    let steps = rows / batch
    for epoch in 0..<epochs {
      let order = generator.permutation(rows)
      var total = 0.0
      for number in 0..<steps {
        try Task.checkCancellation()
        let place = Place(
          progress: Double(epoch * steps + number) / Double(epochs * steps), seed: generator.next())
        total += Double(try step(Array(order[number * batch..<(number + 1) * batch]), place))
      }
      let mean = Float(total / Double(steps))
      guard mean.isFinite else {
        throw NumericsError("the loss is \(mean) in epoch \(epoch + 1): the learning rate is too large")
      }
      progress(epoch + 1, mean)
    }
  }
}
