/// The rounds of the last seconds: how many, and how fast.
package struct SecondTally {
  /// The number of seconds that are kept for the curves.
  static let seconds = 120
  /// Rates and latencies are those of so many whole seconds.
  private static let smoothing = 5
  /// Latencies that are kept a second.
  private static let latenciesPerSecond = 256

  private struct Second {
    var rounds = 0
    var latencies: [Double] = []
  }

  private var current = 0
  /// Oldest first, the second that is under way last.
  private var kept = [Second()]

  /// Time went on.
  ///
  /// - Parameter now: Since the service was started; it does not go back.
  package mutating func advanced(to now: Duration) {
    let second = Int(now.components.seconds)
    guard second > current else { return }
    kept += [Second](repeating: Second(), count: min(second - current, Self.seconds + 1))
    kept.removeFirst(max(0, kept.count - Self.seconds - 1))
    current = second
  }

  /// A round was decided in the second that is under way.
  package mutating func decided(latency: Double?) {
    let last = kept.count - 1
    kept[last].rounds += 1
    if let latency, kept[last].latencies.count < Self.latenciesPerSecond { kept[last].latencies.append(latency) }
  }

  /// Rounds of each whole second, oldest first.
  package var rates: [Int] { kept.dropLast().map(\.rounds) }

  /// The median latency of each whole second in milliseconds; nil where no round closed.
  package var medians: [Double?] { kept.dropLast().map { Self.quantile(0.5, of: $0.latencies)?.rounded(digits: 3) } }

  /// Rounds a second.
  package var rate: Double {
    let last = kept.dropLast().suffix(Self.smoothing)
    return last.isEmpty ? 0 : (Double(last.reduce(0) { $0 + $1.rounds }) / Double(last.count)).rounded(digits: 3)
  }

  /// The median and the 99th percentile of the last seconds that had rounds, in milliseconds.
  package var latency: (median: Double, tail: Double)? {
    let latencies = kept.suffix(Self.smoothing + 1).flatMap(\.latencies)
    guard let median = Self.quantile(0.5, of: latencies), let tail = Self.quantile(0.99, of: latencies) else {
      return nil
    }
    return (median.rounded(digits: 3), tail.rounded(digits: 3))
  }

  private static func quantile(_ rate: Double, of values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    return sorted[min(sorted.count - 1, Int(rate * Double(sorted.count)))]
  }
}
