internal import CopurNumerics

/// Softmax outputs of many samples at once: a matrix has a row a class and a column a sample, so that eight samples go
/// through one operation.
///
/// Sums and products are of single precision in an order that the source names, so that all machines give the same bits.
enum ClassShares {
  /// The number of samples of a vector; matrices have a multiple of it as columns.
  static let lanes = 8
  typealias Lanes = SIMD8<Float>

  /// softmax(sharpness · logits) of each column.
  ///
  /// - Parameters:
  ///   - logits: [classes, n], n a multiple of ``lanes``.
  ///   - sharpness: One over the temperature, above 0.
  static func shares(_ logits: Matrix, sharpness: Float) -> Matrix {
    Matrix(rows: logits.rows, columns: logits.columns) { output in
      if let output = output.baseAddress { write(logits, sharpness: sharpness, to: output) }
    }
  }

  /// The same into memory of the caller, as much as the logits take.
  static func write(_ logits: Matrix, sharpness: Float, to output: UnsafeMutablePointer<Float>) {
    let (classes, width) = (logits.rows, logits.columns)
    precondition(width.isMultiple(of: lanes) && classes >= 1)
    logits.values.withUnsafeBufferPointer { logits in
      guard let logits = logits.baseAddress else { return }
      for first in stride(from: 0, to: width, by: lanes) {
        var largest = load(logits + first)
        for label in 1..<max(1, classes) {
          let next = load(logits + label * width + first)
          largest = largest.replacing(with: next, where: next .> largest)
        }
        var sum = Lanes.zero
        for label in 0..<classes {
          let power = exponential((load(logits + label * width + first) - largest) * sharpness)
          store(power, output + label * width + first)
          sum += power
        }
        let scale = 1 / sum
        for label in 0..<classes {
          store(load(output + label * width + first) * scale, output + label * width + first)
        }
      }
    }
  }

  @inline(__always)
  static func load(_ start: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(start).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  static func load(_ start: UnsafeMutablePointer<Float>) -> Lanes { load(UnsafePointer(start)) }

  @inline(__always)
  static func store(_ value: Lanes, _ start: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(start).storeBytes(of: value, as: Lanes.self)
  }

  /// e^x for x from −∞ to 0, within 2 units in the last place; 0 below −87.
  ///
  /// x = n · log 2 + r; e^r by its Taylor series up to r⁷, whose rest is under 10⁻⁸ for |r| ≤ ½ log 2.
  @inline(__always)
  static func exponential(_ x: Lanes) -> Lanes {
    let isSmall = x .< Lanes(repeating: -87)
    let x = x.replacing(with: -87, where: isSmall)
    // Adding 1.5 · 2²³ rounds to a whole number, which is then in the lowest bits.
    let shifted = x * Float(1.442695) + Float(12_582_912)
    let whole = shifted - Float(12_582_912)
    let rest = (x - whole * Float(0.693145751953125)) - whole * Float(1.4286068203094172e-06)
    var series = rest * Float(1.0 / 5040) + Float(1.0 / 720)
    series = series * rest + Float(1.0 / 120)
    series = series * rest + Float(1.0 / 24)
    series = series * rest + Float(1.0 / 6)
    series = series * rest + Float(0.5)
    series = series * rest + Float(1)
    series = series * rest + Float(1)
    let bits = unsafeBitCast(series, to: SIMD8<Int32>.self) &+ (unsafeBitCast(shifted, to: SIMD8<Int32>.self) &<< 23)
    return unsafeBitCast(bits, to: Lanes.self).replacing(with: 0, where: isSmall)
  }
}
