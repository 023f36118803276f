internal import CopurNumerics

/// The part of a block that the code can change: V_iᵀ = Q·R with orthonormal columns of Q, [d_i, rank].
struct ReducedBlock: Sendable {
  /// At most the lesser of the block's and the code's width.
  let rank: Int
  /// Qᵀ, row-major [rank, d_i].
  let basis: [Double]
  /// R = Qᵀ·V_iᵀ, row-major [rank, r].
  let reduced: [Double]

  /// - Parameters:
  ///   - directions: V, [r, D].
  ///   - columns: The block's.
  init(_ directions: Matrix, columns: Range<Int>) {
    var basis: [[Double]] = []
    for direction in 0..<directions.rows where basis.count < columns.count {
      let column = columns.map { Double(directions[direction, $0]) }
      let size = Self.length(column)
      var rest = column
      // Gram and Schmidt, twice: once leaves rounding errors of the size of the cancellation.
      for _ in 0..<2 {
        for unit in basis {
          let share = zip(unit, rest).reduce(0) { $0 + $1.0 * $1.1 }
          for index in rest.indices { rest[index] -= share * unit[index] }
        }
      }
      let length = Self.length(rest)
      if length > 1e-12 * size { basis.append(rest.map { $0 / length }) }
    }
    rank = basis.count
    self.basis = Array(basis.joined())
    reduced = basis.flatMap { unit in
      (0..<directions.rows).map { direction in
        zip(unit, columns).reduce(0) { $0 + $1.0 * Double(directions[direction, $1.1]) }
      }
    }
  }

  private static func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
