extension Matrix {
  /// How many rows a product of ``tiledProduct(_:_:)`` has.
  private static let tile = 16

  /// a·b with a's rows taken 16 at a time.
  ///
  /// A BLAS picks other kernels for other shapes, and those round differently. With one shape a row of the product is the
  /// same, bit for bit, whatever it is batched with, so that results do not depend on which samples came together.
  ///
  /// Finite rows have finite products: a sum beyond the range of `Float` is ± the largest number in it. An attacker may
  /// send any finite number, and infinities would end in NaN one layer on.
  public static func tiledProduct(_ a: Matrix, _ b: Matrix) -> Matrix {
    precondition(a.columns == b.rows)
    var rows = Matrix(rows: tile, columns: a.columns)
    var product = Matrix(rows: tile, columns: b.columns)
    return Matrix(rows: a.rows, columns: b.columns) { output in
      for start in stride(from: 0, to: a.rows, by: tile) {
        let count = min(tile, a.rows - start)
        a.values.withUnsafeBufferPointer { input in
          rows.values.withUnsafeMutableBufferPointer { rows in
            for index in 0..<count * a.columns { rows[index] = input[start * a.columns + index] }
            for index in count * a.columns..<rows.count { rows[index] = 0 }
          }
        }
        product.setProduct(rows, .plain, b)
        product.values.withUnsafeBufferPointer { product in
          for index in 0..<count * b.columns { output[start * b.columns + index] = product[index] }
        }
        for row in start..<start + count {
          let whole = row * b.columns..<(row + 1) * b.columns
          if output[whole].allSatisfy(\.isFinite) || !a[row: row].allSatisfy(\.isFinite) { continue }
          for column in 0..<b.columns { output[whole.lowerBound + column] = saturatedProduct(a, row, b, column) }
        }
      }
    }
  }

  /// One element of a·b in double precision, brought into the range of `Float`.
  private static func saturatedProduct(_ a: Matrix, _ row: Int, _ b: Matrix, _ column: Int) -> Float {
    var sum = 0.0
    for index in 0..<a.columns { sum += Double(a[row, index]) * Double(b[index, column]) }
    let limit = Double(Float.greatestFiniteMagnitude)
    return Float(min(max(sum, -limit), limit))
  }
}
