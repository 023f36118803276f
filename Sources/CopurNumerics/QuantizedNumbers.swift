/// Numbers rounded to few bits, with one scale for all of them: v ≈ scale · q / m, where m is the largest integer of the bits.
///
/// The error of a number is at most half a step, scale / 2m, where scale is the largest magnitude among them: 0.4 % of it for
/// 8 bits and 0.002 % for 16.
public struct QuantizedNumbers: Hashable, Sendable {
  /// The formats of a number on a wire.
  public enum Format: String, Hashable, Sendable, Codable, CaseIterable {
    /// Integers from −127 to 127.
    case int8
    /// Integers from −32,767 to 32,767.
    case int16
    /// IEEE 754 single precision, as it is.
    case float32

    /// m, the largest integer; nil for single precision.
    public var largest: Int? {
      switch self {
      case .int8: Int(Int8.max)
      case .int16: Int(Int16.max)
      case .float32: nil
      }
    }
  }

  /// The largest magnitude among the numbers.
  public let scale: Float
  /// One integer a number, from −m to m.
  public let integers: [Int16]
  private let largest: Float

  /// - Parameter integers: From −m to m.
  public init(scale: Float, integers: [Int16], largest: Int) {
    self.scale = scale
    self.integers = integers
    self.largest = Float(largest)
  }

  /// Rounds numbers.
  ///
  /// - Parameter values: What `values` of the result are near to.
  /// - Returns: Nil if a number is not finite, which no scale fits.
  public init?(_ values: some Collection<Float>, largest: Int) {
    var scale: Float = 0
    for value in values {
      guard value.isFinite else { return nil }
      scale = max(scale, value.magnitude)
    }
    self.scale = scale
    self.largest = Float(largest)
    let factor = Float(largest)
    // Not divided by a step: that of the smallest scales is 0.
    integers =
      scale > 0 ? values.map { Int16(($0 / scale * factor).rounded()) } : Array(repeating: 0, count: values.count)
  }

  /// The numbers that the integers stand for. Rounding them again gives the same integers.
  public var values: [Float] { integers.map { Float($0) / largest * scale } }
}

extension Matrix {
  /// The matrix as it is after its numbers went over a wire of few bits; itself where a number is not finite.
  public func rounded(to format: QuantizedNumbers.Format) -> Matrix {
    guard let largest = format.largest, let numbers = QuantizedNumbers(values, largest: largest) else { return self }
    return Matrix(rows: rows, columns: columns, values: numbers.values)
  }
}
