/// The quartiles of a sample of numbers.
public struct Quartiles: Hashable, Sendable {
  /// The first quartile.
  public var lower: Double
  /// The median.
  public var median: Double
  /// The third quartile.
  public var upper: Double

  /// - Precondition: `lower` ≤ `median` ≤ `upper`; it is not checked.
  public init(lower: Double, median: Double, upper: Double) {
    self.lower = lower
    self.median = median
    self.upper = upper
  }

  /// Linear interpolation between order statistics (Hyndman and Fan 1996, definition 7, the default of R and NumPy).
  ///
  /// - Parameter values: In any order; no NaN. Nil if there is none.
  public init?(of values: [Double]) {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    func quantile(_ rate: Double) -> Double {
      let position = rate * Double(sorted.count - 1)
      let below = Int(position)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
    }
    self.init(lower: quantile(0.25), median: quantile(0.5), upper: quantile(0.75))
  }
}

extension Quartiles: Decodable {
  /// Three numbers from 0, none smaller than the one before.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let numbers = try container.decode([Double].self)
    guard numbers.count == 3, numbers.allSatisfy({ $0.isFinite && $0 >= 0 }), numbers == numbers.sorted() else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "quartiles are three numbers from 0 in ascending order (actual: \(numbers))")
    }
    self.init(lower: numbers[0], median: numbers[1], upper: numbers[2])
  }
}
