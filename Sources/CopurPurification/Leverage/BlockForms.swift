internal import CopurNumerics

/// The squared block norms of an affine manifold's differences as quadratic forms: f_i(y)² = yᵀG_iy.
struct BlockForms: Sendable {
  /// r.
  let dimension: Int
  /// G_i, row-major [r, r], of each observed block.
  let grams: [[Double]]

  /// - Returns: Nil if some direction moves no observed block (to rounding).
  init?(directions: Matrix, layout: BlockLayout, observed: [Int]) throws {
    let dimension = directions.rows
    let grams = observed.map { block in
      var gram = [Double](repeating: 0, count: dimension * dimension)
      for a in 0..<dimension {
        for b in 0..<dimension {
          for column in layout[block] {
            gram[a * dimension + b] += Double(directions[a, column]) * Double(directions[b, column])
          }
        }
      }
      return gram
    }
    self.init(dimension: dimension, grams: grams)
    guard !observed.isEmpty, let root = try inverseRoot(of: sum(Array(observed.indices), weights: nil)) else {
      // NaN and infinity have thrown by now.
      return nil
    }
    self = transformed(by: root)
  }

  init(dimension: Int, grams: [[Double]]) {
    self.dimension = dimension
    self.grams = grams
  }

  /// Every f_i(y).
  func norms(at y: [Double]) -> [Double] { grams.map { Self.value(of: $0, at: y).squareRoot() } }

  static func value(of gram: [Double], at y: [Double]) -> Double {
    let dimension = y.count
    var total = 0.0
    for a in 0..<dimension {
      var inner = 0.0
      for b in 0..<dimension { inner += gram[a * dimension + b] * y[b] }
      total += y[a] * inner
    }
    return max(0, total)
  }

  /// Σ G_i/w_i over given blocks; plain sums without weights.
  func sum(_ blocks: [Int], weights: [Double]?) -> [Double] {
    var total = [Double](repeating: 0, count: dimension * dimension)
    for block in blocks {
      let factor = weights.map { $0[block] > 0 ? 1 / $0[block] : 0 } ?? 1
      for index in total.indices { total[index] += factor * grams[block][index] }
    }
    return total
  }

  /// The largest ‖y‖-relative norm of each block: σ_i = max f_i(y)/‖y‖.
  func largestNorms() throws -> [Double] {
    try grams.map { max(0, try SymmetricEigen(of: $0, size: dimension).values[0]).squareRoot() }
  }

  /// The forms in coordinates in which A = Σ G_i/w_i with w_i = max f_i(y)/√(yᵀAy) is nearly the identity.
  ///
  /// w are the ℓ1 Lewis weights of the blocks (Lewis 1978; the iteration of Cohen and Peng 2015). The bounds that use
  /// these coordinates hold in any others, too, and are merely best here, so the iteration need not have converged.
  func balanced() throws -> BlockForms {
    var forms = self
    for _ in 0..<40 {
      let form = forms.sum(Array(grams.indices), weights: try forms.largestNorms())
      guard let root = try forms.inverseRoot(of: form) else { break }
      forms = forms.transformed(by: root)
    }
    return forms
  }

  /// A^{−1/2}, symmetric; nil if A is singular to rounding.
  private func inverseRoot(of form: [Double]) throws -> [Double]? {
    let eigen = try SymmetricEigen(of: form, size: dimension)
    guard let smallest = eigen.values.last, smallest > 1e-12 * eigen.values[0] else { return nil }
    var root = [Double](repeating: 0, count: dimension * dimension)
    for (value, vector) in zip(eigen.values, eigen.vectors) {
      let factor = 1 / value.squareRoot()
      for a in 0..<dimension {
        for b in 0..<dimension { root[a * dimension + b] += factor * vector[a] * vector[b] }
      }
    }
    return root
  }

  private func transformed(by root: [Double]) -> BlockForms {
    BlockForms(dimension: dimension, grams: grams.map { product(root, product($0, root)) })
  }

  private func product(_ left: [Double], _ right: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: dimension * dimension)
    for a in 0..<dimension {
      for inner in 0..<dimension {
        let factor = left[a * dimension + inner]
        for b in 0..<dimension { result[a * dimension + b] += factor * right[inner * dimension + b] }
      }
    }
    return result
  }
}
