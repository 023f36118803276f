internal import CopurNumerics

/// Passes over shuffled rows in mini-batches.
struct Epochs {
  let rows: Int
  let batch: Int
  let count: Int

  /// - Parameters:
  ///   - progress: Called after each epoch with its number, from 1, and mean loss.
  ///   - step: Takes the row numbers of a batch; returns its mean loss.
  func run(
    using generator: inout SeededGenerator, progress: (Int, Float) -> Void, step: ([Int]) throws -> Float
  ) throws {
    precondition(rows > 0 && batch > 0)
    for epoch in 1...max(1, count) where count > 0 {
      try Task.checkCancellation()
      let order = generator.permutation(rows)
      var total = 0.0
      for start in stride(from: 0, to: rows, by: batch) {
        let numbers = Array(order[start..<min(start + batch, rows)])
        total += Double(try step(numbers)) * Double(numbers.count)
      }
      let mean = Float(total / Double(rows))
      guard mean.isFinite else {
        throw NumericsError("the loss is \(mean) in epoch \(epoch): the learning rate is too large")
      }
      progress(epoch, mean)
    }
  }
}
