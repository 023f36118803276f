public import CopurNumerics

/// Training that leaves doubtful rows of each mini-batch out.
///
/// One model leaves out what it doubts itself, as in trimmed losses and PRL (thesis, Algorithms 2 to 4). Several may each step
/// on what another one kept, so that none confirms its own mistakes: RCA (Algorithm 1), co-teaching and Co-PRL (Algorithm 5).
public struct SelectiveTraining: Hashable, Sendable {
  /// The share of each mini-batch that is kept.
  public var share: KeptShare
  /// Whether each of several models steps on what another one kept, or on what it kept itself.
  public var exchanges: Bool
  /// Passes over the rows.
  public var epochs: Int
  /// Rows a mini-batch; at least 1.
  public var batch: Int

  /// - Parameters:
  ///   - exchanges: Whether each of several models steps on what another one kept.
  ///   - epochs: Passes over the rows.
  ///   - batch: Rows a mini-batch; at least 1.
  public init(share: KeptShare, exchanges: Bool, epochs: Int, batch: Int) {
    precondition(batch >= 1)
    self.share = share
    self.exchanges = exchanges
    self.epochs = epochs
    self.batch = batch
  }

  /// Trains models side by side on the same mini-batches.
  ///
  /// - Parameters:
  ///   - models: As they are at the start, and after the last step; at least one.
  ///   - rows: How many rows there are.
  ///   - progress: Called after each epoch with its number, from 1, and the mean loss of kept rows over all models.
  ///   - finished: Called after each epoch with its number and the models as they are.
  /// - Throws: `CancellationError` if the task is cancelled; ``NumericsError`` if the loss stops being finite.
  public func train<Model: SelectableModel>(
    _ models: inout [Model], rows: Int, using generator: inout SeededGenerator,
    progress: (Int, Float) -> Void = { _, _ in }, finished: (Int, [Model]) -> Void = { _, _ in }
  ) throws {
    precondition(!models.isEmpty)
    var seeds = SeededGenerator(seed: generator.next())
    var partners = SeededGenerator(seed: generator.next())
    for epoch in 0..<epochs {
      try Task.checkCancellation()
      let share = share[epoch]
      let order = generator.permutation(rows)
      var (total, count) = (0.0, 0)
      for start in stride(from: 0, to: rows, by: batch) {
        let numbers = Array(order[start..<min(start + batch, rows)])
        let kept = RowSelection.count(share, of: numbers.count)
        if exchanges, models.count > 1, kept < numbers.count {
          let chosen = models.indices.map { index in
            RowSelection.least(models[index].doubts(about: numbers), kept: kept).map { numbers[$0] }
          }
          for index in models.indices {
            total += Double(
              models[index].step(on: chosen[partner(of: index, among: models.count, &partners)], seed: seeds.next()))
          }
        } else {
          for index in models.indices {
            total += Double(models[index].step(onLeastDoubted: kept, of: numbers, seed: seeds.next()))
          }
        }
        count += models.count
      }
      let mean = Float(total / Double(max(1, count)))
      guard mean.isFinite else {
        throw NumericsError("the loss is \(mean) in epoch \(epoch + 1): the learning rate is too large")
      }
      progress(epoch + 1, mean)
      finished(epoch + 1, models)
    }
  }

  /// The model whose selection another one steps on: with two the other's, with more that of any other one.
  private func partner(of index: Int, among count: Int, _ generator: inout SeededGenerator) -> Int {
    count == 2 ? 1 - index : (index + Int.random(in: 1..<count, using: &generator)) % count
  }
}

/// The probability that the row with the i-th smallest error of all is kept when its mini-batch keeps the smallest (thesis,
/// Eq. 2.1).
public enum SelectionProbability {
  /// - Parameters:
  ///   - rank: i, from 1, among all rows.
  ///   - rows: n, how many rows there are.
  ///   - batch: k, how many of them a mini-batch draws.
  ///   - kept: How many of a mini-batch are kept.
  /// - Returns: The probability that the row is drawn and kept.
  public static func ofRow(rank: Int, rows: Int, batch: Int, kept: Int) -> Double {
    precondition((1...rows).contains(rank) && (1...rows).contains(batch) && (0...batch).contains(kept))
    if rank <= kept { return Double(batch) / Double(rows) }
    // Of the batch's other rows fewer than `kept` come before this one.
    return (0..<kept).reduce(0.0) { sum, before in
      let (smaller, larger) = (before, batch - before - 1)
      guard smaller <= rank - 1, larger <= rows - rank else { return sum }
      return sum
        + exponential(
          logChoose(rank - 1, smaller) + logChoose(rows - rank, larger) - logChoose(rows, batch))
    }
  }

  private static func logChoose(_ all: Int, _ chosen: Int) -> Double {
    logGamma(Double(all + 1)) - logGamma(Double(chosen + 1)) - logGamma(Double(all - chosen + 1))
  }
}
