internal import CopurNumerics

extension RunBootstrap {
  /// The gain of one way to judge rows over another on the same rows: the difference of accuracy and balanced accuracy, of
  /// their mean if nothing else is said, with the standard deviation that the difference has. Both are drawn together, so
  /// what makes a row hard for both does not count.
  ///
  /// - Parameters:
  ///   - right: Whether each row is right by the one, in the rows' order; at least one.
  ///   - other: The same by the other.
  ///   - labels: The class of each row, from 0.
  ///   - balancedShare: How much balanced accuracy counts, from 0 to 1; accuracy counts for the rest.
  public func gain(of right: [Bool], over other: [Bool], labels: [Int], balancedShare: Double = 0.5) -> (
    value: Double, deviation: Double
  ) {
    precondition(!right.isEmpty && right.count == other.count && right.count == labels.count)
    let classes = 1 + (labels.max() ?? 0)
    let runs = (right.count + length - 1) / length
    // For each run and class: how many rows, and how many more are right by the one.
    var rows = [Int](repeating: 0, count: runs * classes)
    var gains = rows
    for index in right.indices {
      let place = index / length * classes + labels[index]
      rows[place] += 1
      gains[place] += (right[index] ? 1 : 0) - (other[index] ? 1 : 0)
    }
    func measure(_ drawn: [Int]) -> Double {
      var (allRows, allGains, sum, present) = (0, 0, 0.0, 0)
      for label in 0..<classes {
        var (count, gain) = (0, 0)
        for run in drawn {
          count += rows[run * classes + label]
          gain += gains[run * classes + label]
        }
        allRows += count
        allGains += gain
        guard count > 0 else { continue }
        sum += Double(gain) / Double(count)
        present += 1
      }
      return (1 - balancedShare) * Double(allGains) / Double(max(1, allRows))
        + balancedShare * sum / Double(max(1, present))
    }
    var drawn = Array(0..<runs)
    let value = measure(drawn)
    var generator = SeededGenerator(seed: seed, purpose: "bootstrap")
    let measures = (0..<samples).map { _ in
      for place in drawn.indices { drawn[place] = Int.random(in: 0..<runs, using: &generator) }
      return measure(drawn)
    }
    let mean = measures.reduce(0, +) / Double(samples)
    let variance = measures.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples - 1)
    return (value, variance.squareRoot())
  }
}
