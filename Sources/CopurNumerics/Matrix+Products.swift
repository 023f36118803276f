internal import CCopurKernels

/// Products of matrices, by kernels of this project.
///
/// A BLAS picks its kernel by processor and shape, and its kernels round differently; even within one product, rows at an edge
/// are summed in another order. Here each element is one sum over the depth in order. So a row of a product has the same bits
/// whatever rows it comes with, and all processors with FMA give the same bits: verdicts do not depend on which rounds were
/// ready together, nor trained models on the machine. `copur bench products` has both side by side.
extension Matrix {
  /// Whether an operand of a product is used as it is or transposed.
  public enum Operand: Sendable {
    /// As it is.
    case plain
    /// Transposed.
    case transposed
  }

  /// The matrix product a·b.
  public static func product(_ a: Matrix, _ b: Matrix) -> Matrix { product(a, .plain, b, .plain) }

  /// The matrix product op(a)·op(b).
  public static func product(_ a: Matrix, _ aOperand: Operand, _ b: Matrix, _ bOperand: Operand = .plain) -> Matrix {
    let (rows, depth) = aOperand == .plain ? (a.rows, a.columns) : (a.columns, a.rows)
    let (inner, columns) = bOperand == .plain ? (b.rows, b.columns) : (b.columns, b.rows)
    precondition(depth == inner, "shapes of a product: (\(rows), \(depth))·(\(inner), \(columns))")
    return Matrix(rows: rows, columns: columns) { output in
      guard depth > 0, let output = output.baseAddress else { return }
      a.values.withUnsafeBufferPointer { left in
        b.values.withUnsafeBufferPointer { right in
          guard let left = left.baseAddress, let right = right.baseAddress else { return }
          // The larger side is divided, so that cores share no more of the factors than they have to.
          let isByColumns = columns >= rows
          Parallel.divide(
            isByColumns ? columns : rows, multiplications: Double(rows) * Double(depth) * Double(columns),
            unit: Int(COPUR_PANEL)
          ) { range in
            let part =
              isByColumns
              ? copur_part(first_row: 0, last_row: rows, first_column: range.lowerBound, last_column: range.upperBound)
              : copur_part(
                first_row: range.lowerBound, last_row: range.upperBound, first_column: 0, last_column: columns)
            let capacity = copur_product_workspace(part.last_row - part.first_row, depth)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { workspace in
              copur_product(
                left, aOperand == .plain ? 0 : 1, right, bOperand == .plain ? 0 : 1, rows, depth, columns, part, output,
                workspace.baseAddress)
            }
          }
        }
      }
    }
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
        guard let mine = mine.baseAddress, let vector = vector.baseAddress else { return }
        for row in 0..<rows { copur_add(mine + row * columns, 1, vector, columns) }
      }
    }
  }

  /// The sum of the rows.
  public var columnSums: [Float] {
    var sums = [Float](repeating: 0, count: columns)
    values.withUnsafeBufferPointer { mine in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let mine = mine.baseAddress, let sums = sums.baseAddress else { return }
        for row in 0..<rows { copur_add(sums, 1, mine + row * columns, columns) }
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
