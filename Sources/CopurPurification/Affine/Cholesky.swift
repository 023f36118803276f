internal import CopurNumerics

/// The factor of a symmetric positive definite matrix A = L·Lᵀ.
///
/// A pivot that rounding has pushed to 0 or under is taken as tiny, which leaves that direction of a solution bounded only
/// by its right-hand side; callers add a ridge so that this does not happen.
enum Cholesky {
  /// Σ a_i·b_i. Of small matrices most products have one term or none, and a call of the kernel takes longer than they do.
  private static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, count: Int) -> Double {
    switch count {
    case 0: 0
    case 1: 0 + a[0] * b[0]
    default: VectorKernels.dot(a, b, count: count)
    }
  }

  /// Overwrites the lower triangle of A, row-major [size, size], by L.
  static func factor(_ a: UnsafeMutablePointer<Double>, size: Int) {
    for row in 0..<size {
      let current = a + row * size
      for column in 0..<row {
        let other = a + column * size
        current[column] = (current[column] - dot(current, other, count: column)) / other[column]
      }
      let pivot = current[row] - dot(current, current, count: row)
      current[row] = max(pivot, .leastNormalMagnitude).squareRoot()
    }
  }

  /// Overwrites b by the solution of L·Lᵀ·x = b.
  static func solve(_ factor: UnsafePointer<Double>, _ b: UnsafeMutablePointer<Double>, size: Int) {
    for row in 0..<size {
      b[row] = (b[row] - dot(factor + row * size, b, count: row)) / factor[row * size + row]
    }
    for row in stride(from: size - 1, through: 0, by: -1) {
      b[row] /= factor[row * size + row]
      if row > 0 { VectorKernels.add(factor + row * size, scaledBy: -b[row], to: b, count: row) }
    }
  }

  /// Solves A·x = b, in place: A is overwritten by its factor, b by x.
  ///
  /// Not named `solve`: an array passed with & would turn into a pointer and choose the function for factors above.
  static func solveSystem(_ a: inout [Double], _ b: inout [Double], size: Int) {
    a.withUnsafeMutableBufferPointer { a in
      b.withUnsafeMutableBufferPointer { b in
        factor(a.baseAddress!, size: size)
        solve(a.baseAddress!, b.baseAddress!, size: size)
      }
    }
  }
}
