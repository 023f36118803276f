/// The counts of values between bounds, and their sum.
public struct Histogram: Sendable, Hashable {
  /// The upper bounds, ascending; a bound belongs to what it bounds.
  public let bounds: [Double]
  /// The number of values under each bound and over the one before; the last is over all of them.
  public private(set) var counts: [Int]
  /// The sum of all values.
  public private(set) var sum = 0.0

  /// - Parameter bounds: Ascending.
  public init(bounds: [Double]) {
    precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count + 1)
  }

  /// From 50 µs to 10 s, three in a factor of ten.
  public static var seconds: Histogram {
    Histogram(bounds: [
      0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
    ])
  }

  /// The number of values.
  public var count: Int { counts.reduce(0, +) }

  /// Adds a value; one that is no number is left out.
  ///
  /// - Parameter times: How often it came.
  public mutating func add(_ value: Double, times: Int = 1) {
    guard value.isFinite else { return }
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += times
    sum += value * Double(times)
  }

  /// Adds a time, in seconds.
  public mutating func add(_ duration: Duration, times: Int = 1) { add(duration / .seconds(1), times: times) }
}
