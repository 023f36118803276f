internal import CopurCore
internal import CopurNumerics

/// Training rows with something in the place of blocks that were not observed, for fitting a manifold, which needs whole
/// rows. No other model is trained on them.
///
/// Rows of which all agents have a reading are too few in some data, and not like the others: a watch is off at night. So a
/// missing block is what the row's other blocks let expect of it: the conditional mean under probabilistic principal
/// components (Tipping and Bishop 1999, section 3.3), fitted to the rows as they are completed so far, from the blocks'
/// means on. It is drawn towards the mean by as much as little is known, and so moves no direction of its own.
enum BlockCompletion {
  private static let directions = 16
  private static let rounds = 3
  /// Noise under this share of the largest variance is rounding.
  private static let relativeNoise = 1e-6

  /// The rows with all blocks; those that are observed as they are, [n, D].
  ///
  /// - Throws: `NumericsError` if the embeddings are not finite.
  static func complete(_ observation: Observation) throws -> Matrix {
    guard !observation.isComplete else { return observation.embeddings }
    let layout = observation.layout
    var completed = observation.embeddings
    let incomplete = (0..<observation.samples).filter { !observation.isComplete(sample: $0) }
    for block in 0..<layout.count {
      let heard = observation.samples(observing: block)
      // An agent that was never heard keeps 0.
      guard !heard.isEmpty else { continue }
      let means = observation.embeddings.selecting(rows: heard).columnMeans
      for row in incomplete where !observation.isObserved(block: block, of: row) {
        for column in layout[block] { completed[row, column] = means[column] }
      }
    }
    let patterns = Dictionary(grouping: incomplete) { row in
      (0..<layout.count).filter { observation.isObserved(block: $0, of: row) }
    }
    for _ in 0..<rounds {
      guard let components = try Components(of: completed, directions: directions, relativeNoise: relativeNoise) else {
        break
      }
      // Every row is filled from the same components, so the order of the patterns has no say.
      for (observed, rows) in patterns {
        let known = observed.flatMap { Array(layout[$0]) }
        let unknown = (0..<layout.count).filter { !observed.contains($0) }.flatMap { Array(layout[$0]) }
        try components.fill(&completed, rows: rows, known: known, unknown: unknown)
      }
    }
    return completed
  }

  /// A Gaussian of few directions and noise.
  private struct Components {
    let means: [Float]
    let axes: [[Double]]
    let variances: [Double]
    let noise: Double

    /// - Returns: Nil if the rows do not vary.
    init?(of rows: Matrix, directions: Int, relativeNoise: Double) throws {
      means = rows.columnMeans
      var centred = rows
      centred.addToEachRow(means.map { -$0 })
      let eigen = try SymmetricEigen(
        of: Matrix.product(centred, .transposed, centred).values.map(Double.init), size: rows.columns)
      let all = eigen.values.map { max(0, $0) / Double(rows.rows) }
      guard let largest = all.first, largest > 0 else { return nil }
      let kept = min(directions, all.count { $0 > relativeNoise * largest })
      axes = Array(eigen.vectors[..<kept])
      variances = Array(all[..<kept])
      noise = max(all[kept...].reduce(0, +) / Double(max(1, all.count - kept)), relativeNoise * largest)
    }

    /// Sets unknown columns to their conditional mean.
    func fill(_ matrix: inout Matrix, rows: [Int], known: [Int], unknown: [Int]) throws {
      let count = axes.count
      var precision = [Double](repeating: 0, count: count * count)
      for one in 0..<count {
        for other in 0..<count {
          precision[one * count + other] = known.reduce(0.0) { $0 + axes[one][$1] * axes[other][$1] }
        }
        precision[one * count + one] += noise / variances[one]
      }
      let eigen = try SymmetricEigen(of: precision, size: count)
      for row in rows {
        let gaps = known.map { Double(matrix[row, $0]) - Double(means[$0]) }
        let products = axes.map { axis in zip(known, gaps).reduce(0.0) { $0 + axis[$1.0] * $1.1 } }
        var code = [Double](repeating: 0, count: count)
        for (value, vector) in zip(eigen.values, eigen.vectors) {
          let part = zip(vector, products).reduce(0.0) { $0 + $1.0 * $1.1 } / value
          for index in 0..<count { code[index] += part * vector[index] }
        }
        for column in unknown {
          matrix[row, column] = means[column] + Float(zip(code, axes).reduce(0.0) { $0 + $1.0 * $1.1[column] })
        }
      }
    }
  }
}
