internal import COpenBLAS

/// OpenBLAS with one thread: the products here are small, so samples are spread over the cores instead (design, "Speed").
private let singleThreaded: Void = openblas_set_num_threads(1)

extension Matrix {
  /// Whether an operand of a product is used as it is or transposed.
  public enum Operand: Sendable {
    /// As it is.
    case plain
    /// Transposed.
    case transposed

    fileprivate var blas: CBLAS_TRANSPOSE { self == .plain ? CblasNoTrans : CblasTrans }
  }

  /// The matrix product a·b.
  public static func product(_ a: Matrix, _ b: Matrix) -> Matrix { product(a, .plain, b, .plain) }

  /// The matrix product op(a)·op(b).
  public static func product(_ a: Matrix, _ aOperand: Operand, _ b: Matrix, _ bOperand: Operand = .plain) -> Matrix {
    var result = Matrix(
      rows: aOperand == .plain ? a.rows : a.columns, columns: bOperand == .plain ? b.columns : b.rows)
    result.setProduct(a, aOperand, b, bOperand)
    return result
  }

  /// Sets this matrix to scale·op(a)·op(b) + keep·this, without allocating.
  ///
  /// - Parameters:
  ///   - scale: Factor of the product.
  ///   - keep: Factor of the old content; 0 replaces it, whatever it was.
  public mutating func setProduct(
    _ a: Matrix, _ aOperand: Operand, _ b: Matrix, _ bOperand: Operand = .plain, scale: Float = 1,
    keep: Float = 0
  ) {
    let (m, k) = aOperand == .plain ? (a.rows, a.columns) : (a.columns, a.rows)
    let (inner, n) = bOperand == .plain ? (b.rows, b.columns) : (b.columns, b.rows)
    precondition(k == inner && rows == m && columns == n, "shapes of a product: (\(m), \(k))·(\(inner), \(n))")
    guard m > 0, n > 0 else { return }
    guard k > 0 else {
      for index in values.indices { values[index] *= keep }
      return
    }
    _ = singleThreaded
    cblas_sgemm(
      CblasRowMajor, aOperand.blas, bOperand.blas, Int32(m), Int32(n), Int32(k), scale, a.values, Int32(a.columns),
      b.values, Int32(b.columns), keep, &values, Int32(n))
  }

  /// Adds scale·other to this matrix; the shapes are equal.
  public mutating func add(_ other: Matrix, scale: Float = 1) {
    precondition(rows == other.rows && columns == other.columns)
    values.withUnsafeMutableBufferPointer { mine in
      other.values.withUnsafeBufferPointer { theirs in
        for index in 0..<mine.count { mine[index] += scale * theirs[index] }
      }
    }
  }

  /// Adds a vector to every row.
  public mutating func addToEachRow(_ vector: [Float]) {
    precondition(vector.count == columns)
    let (rows, columns) = (rows, columns)
    values.withUnsafeMutableBufferPointer { mine in
      vector.withUnsafeBufferPointer { vector in
        for row in 0..<rows {
          for column in 0..<columns { mine[row * columns + column] += vector[column] }
        }
      }
    }
  }

  /// The sum of the rows.
  public var columnSums: [Float] {
    var sums = [Float](repeating: 0, count: columns)
    values.withUnsafeBufferPointer { mine in
      sums.withUnsafeMutableBufferPointer { sums in
        for row in 0..<rows {
          for column in 0..<columns { sums[column] += mine[row * columns + column] }
        }
      }
    }
    return sums
  }

  /// The mean of the rows, summed in double precision; zeros if there is no row.
  public var columnMeans: [Float] {
    var sums = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      for column in 0..<columns { sums[column] += Double(values[row * columns + column]) }
    }
    return sums.map { rows == 0 ? 0 : Float($0 / Double(rows)) }
  }
}
