/// Solves A·x = b for a symmetric positive definite A, in place: A is overwritten by its factor, b by x.
///
/// A pivot that rounding has pushed to 0 or under is taken as tiny, which leaves that direction of x bounded only by its
/// right-hand side; callers add a ridge so that this does not happen.
func choleskySolve(_ a: inout [Double], _ b: inout [Double], size: Int) {
  a.withUnsafeMutableBufferPointer { a in
    b.withUnsafeMutableBufferPointer { b in
      for column in 0..<size {
        for row in column..<size {
          var sum = a[row * size + column]
          for inner in 0..<column { sum -= a[row * size + inner] * a[column * size + inner] }
          if row == column {
            a[row * size + column] = max(sum, .leastNormalMagnitude).squareRoot()
          } else {
            a[row * size + column] = sum / a[column * size + column]
          }
        }
      }
      for row in 0..<size {
        var sum = b[row]
        for inner in 0..<row { sum -= a[row * size + inner] * b[inner] }
        b[row] = sum / a[row * size + row]
      }
      for row in (0..<size).reversed() {
        var sum = b[row]
        for inner in row + 1..<max(size, row + 1) { sum -= a[inner * size + row] * b[inner] }
        b[row] = sum / a[row * size + row]
      }
    }
  }
}
