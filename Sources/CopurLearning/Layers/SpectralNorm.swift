public import CopurNumerics

/// The largest singular value of a matrix, by power iteration whose vector is kept from step to step (Miyato et al. 2018,
/// Algorithm 1): weights move little in a step, so that one iteration follows them.
public struct SpectralNorm: Hashable, Sendable {
  /// The vector on the side of the columns, of length 1.
  private var vector: [Float]
  private var isWarm = false

  /// The number of iterations of the first estimate.
  private static let warmup = 30

  /// - Parameter width: How many columns the matrix has.
  public init(width: Int) {
    var generator = SeededGenerator(seed: 0, purpose: "power iteration")
    vector = (0..<width).map { _ in Float(generator.normal()) }
  }

  /// An estimate, which is never over the value itself.
  public mutating func estimate(of matrix: Matrix) -> Float {
    precondition(matrix.columns == vector.count)
    var norm: Float = 0
    for _ in 0..<(isWarm ? 1 : Self.warmup) {
      let images = matrix.times(vector)
      let length = images.squareSum.squareRoot()
      guard length > 0 else { return 0 }
      let back = matrix.transposedTimes(images.map { $0 / length })
      norm = back.squareSum.squareRoot()
      guard norm > 0 else { return 0 }
      vector = back.map { $0 / norm }
    }
    isWarm = true
    return norm
  }

  /// Scales a matrix down to a norm, if its own is over it.
  public mutating func limit(_ matrix: inout Matrix, to limit: Float) {
    let norm = estimate(of: matrix)
    guard norm > limit else { return }
    let factor = limit / norm
    matrix.values.withUnsafeMutableBufferPointer { values in
      for index in 0..<values.count { values[index] *= factor }
    }
  }
}

extension Matrix {
  /// A·x.
  fileprivate func times(_ x: [Float]) -> [Float] {
    values.withUnsafeBufferPointer { values in
      x.withUnsafeBufferPointer { x in
        guard let values = values.baseAddress, let x = x.baseAddress else { return [] }
        return (0..<rows).map { Float(VectorKernels.dot(values + $0 * columns, x, count: columns)) }
      }
    }
  }

  /// Aᵀ·y.
  fileprivate func transposedTimes(_ y: [Float]) -> [Float] {
    var product = [Float](repeating: 0, count: columns)
    values.withUnsafeBufferPointer { values in
      product.withUnsafeMutableBufferPointer { product in
        guard let values = values.baseAddress, let product = product.baseAddress else { return }
        for row in 0..<rows {
          VectorKernels.add(values + row * columns, scaledBy: y[row], to: product, count: columns)
        }
      }
    }
    return product
  }
}

extension [Float] {
  fileprivate var squareSum: Float { Float(reduce(0.0) { $0 + Double($1) * Double($1) }) }
}
