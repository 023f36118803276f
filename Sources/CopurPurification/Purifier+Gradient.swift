public import CopurCore
internal import CopurLearning
public import CopurNumerics

extension Purifier {
  /// The gradient of a function of l̂ with respect to h, by implicit differentiation of the converged solution.
  ///
  /// ẑ solves Σ_{i∈Ω} J_i·r_i/s_i = 0 with r_i = h_i − D_i(ẑ), s_i = √(‖r_i‖² + ε²) and J_i the Jacobian of D_i. With
  /// P_i = I/s_i − r_i·r_iᵀ/s_i³ this gives dẑ/dh_i = H⁻¹·J_i·P_i, H = Σ_{i∈Ω} J_i·P_i·J_iᵀ: exact where D is affine, and
  /// almost everywhere where it is piecewise affine, as a network of (leaky) ReLU layers is. A solution on kinks of such
  /// a network moves along them only, so there H is restricted to the codes that do. For any other decoder H also has
  /// −Σ ∇²D_i·r_i/s_i, from differences of vector–Jacobian products; on a solution that is no minimum of a smooth function
  /// the gradient is that of a nearby one.
  ///
  /// - Parameters:
  ///   - gradient: The gradient with respect to l̂, [n, D].
  ///   - purification: What ``purify(_:)`` made of `observation`.
  ///   - observation: h and Ω.
  /// - Returns: [n, D]; 0 in blocks outside Ω.
  public func gradient(_ gradient: Matrix, at purification: Purification, of observation: Observation) -> Matrix {
    let jacobians = manifold.decodeWithJacobians(purification.codes).jacobians
    let scale = manifold.blockScale > 0 ? Double(manifold.blockScale) : 1
    let bends = bends(at: purification, jacobians: jacobians, of: observation, scale: scale)
    var result = Matrix(rows: observation.samples, columns: manifold.layout.totalWidth)
    for sample in 0..<observation.samples {
      let solution = ImplicitSolution(
        sample: sample, observation: observation, purified: purification.embeddings, jacobians: jacobians,
        width: manifold.codeWidth, smoothing: settings.floor * scale,
        normals: purification.heldUnits[sample].map(inputGradient), bend: bends?[sample])
      solution.pull(gradient[row: sample], into: &result)
    }
    return result
  }

  /// The gradient of a hidden unit's input with respect to the code.
  private func inputGradient(of unit: Int) -> [Double] {
    guard let piecewise = manifold as? any PiecewiseAffineManifold else { return [] }
    let weights = piecewise.decoder.layers[0].weights
    return (0..<weights.rows).map { Double(weights[$0, unit]) }
  }

  /// −Σ_{i∈Ω} ∇²D_i·r_i/s_i of each sample, [r, r] row-major; nil where D is affine, or affine on pieces.
  private func bends(
    at purification: Purification, jacobians: Matrix, of observation: Observation, scale: Double
  ) -> [[Double]]? {
    guard !(manifold is any AffineManifold), !(manifold is any PiecewiseAffineManifold) else { return nil }
    let (samples, size, layout) = (observation.samples, manifold.codeWidth, manifold.layout)
    let smoothing = settings.floor * scale
    var codes = Matrix(rows: samples * 2 * size, columns: size)
    var pulls = Matrix(rows: samples * 2 * size, columns: layout.totalWidth)
    var steps = [Float](repeating: 0, count: samples)
    for sample in 0..<samples {
      let code = purification.codes[row: sample]
      // Codes that decode to embeddings 0.3 % of a clean block apart: smooth enough, and far over Float's rounding.
      let stretch = (0..<size).map { index in
        jacobians[row: sample * size + index].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      }
      steps[sample] = Float(3e-3 * scale / max(stretch.max() ?? 1, 1e-6))
      var pull = [Float](repeating: 0, count: layout.totalWidth)
      for block in 0..<layout.count where observation.isObserved(block: block, of: sample) {
        let residual = layout[block].map { column in
          Double(purification.embeddings[sample, column]) - Double(observation.embeddings[sample, column])
        }
        let norm = (residual.reduce(smoothing * smoothing) { $0 + $1 * $1 }).squareRoot()
        for (column, value) in zip(layout[block], residual) { pull[column] = Float(value / norm) }
      }
      for index in 0..<2 * size {
        let row = sample * 2 * size + index
        codes[row: row] = code
        codes[row, index / 2] += index % 2 == 0 ? steps[sample] : -steps[sample]
        pulls[row: row] = pull[...]
      }
    }
    let gradients = manifold.decodeWithPullback(codes).pullback(pulls)
    return (0..<samples).map { sample in
      var bend = [Double](repeating: 0, count: size * size)
      for a in 0..<size {
        let above = sample * 2 * size + 2 * a
        for b in 0..<size {
          let change = (Double(gradients[above, b]) - Double(gradients[above + 1, b])) / Double(2 * steps[sample])
          bend[a * size + b] += change / 2
          bend[b * size + a] += change / 2
        }
      }
      return bend
    }
  }
}

/// One sample's solution and what it takes to differentiate it.
private struct ImplicitSolution {
  let sample: Int
  let observation: Observation
  let jacobians: Matrix
  let width: Int
  /// r_i, all blocks side by side; 0 outside Ω.
  let residuals: [Double]
  /// s_i.
  let norms: [Double]
  /// Directions of the code that the solution does not move in.
  let normals: [[Double]]
  /// The part of H that D's second derivatives add, row-major; nil for nothing.
  let bend: [Double]?

  init(
    sample: Int, observation: Observation, purified: Matrix, jacobians: Matrix, width: Int, smoothing: Double,
    normals: [[Double]], bend: [Double]?
  ) {
    self.normals = normals
    self.bend = bend
    self.sample = sample
    self.observation = observation
    self.jacobians = jacobians
    self.width = width
    var residuals = [Double](repeating: 0, count: observation.layout.totalWidth)
    var norms = [Double](repeating: smoothing, count: observation.layout.count)
    for block in 0..<observation.layout.count where observation.isObserved(block: block, of: sample) {
      var square = smoothing * smoothing
      for column in observation.layout[block] {
        residuals[column] = Double(observation.embeddings[sample, column]) - Double(purified[sample, column])
        square += residuals[column] * residuals[column]
      }
      norms[block] = square.squareRoot()
    }
    self.residuals = residuals
    self.norms = norms
  }

  /// Sets the sample's row of a gradient with respect to h from one with respect to l̂.
  func pull(_ gradient: ArraySlice<Float>, into result: inout Matrix) {
    let layout = observation.layout
    var code = [Double](repeating: 0, count: width)
    for index in 0..<width {
      for (column, slope) in gradient.enumerated() { code[index] += jacobian(index, column) * Double(slope) }
    }
    var curvature = self.curvature()
    Cholesky.solveSystem(&curvature, &code, size: width)
    for block in 0..<layout.count where observation.isObserved(block: block, of: sample) {
      let direction = layout[block].map { column in
        (0..<width).reduce(0.0) { $0 + jacobian($1, column) * code[$1] }
      }
      let along = zip(layout[block], direction).reduce(0.0) { $0 + residuals[$1.0] * $1.1 }
      let norm = norms[block]
      for (column, value) in zip(layout[block], direction) {
        result[sample, column] = Float(value / norm - residuals[column] / norm * (along / norm / norm))
      }
    }
  }

  /// H, row-major, with a ridge that keeps directions which no observed block shows finite.
  private func curvature() -> [Double] {
    var matrix = [Double](repeating: 0, count: width * width)
    var total = 0.0
    let layout = observation.layout
    for block in 0..<layout.count where observation.isObserved(block: block, of: sample) {
      let norm = norms[block]
      total += 1 / norm
      let slopes = (0..<width).map { index in
        layout[block].reduce(0.0) { $0 + jacobian(index, $1) * residuals[$1] } / norm
      }
      for a in 0..<width {
        for b in 0..<width {
          let product = layout[block].reduce(0.0) { $0 + jacobian(a, $1) * jacobian(b, $1) }
          matrix[a * width + b] += (product - slopes[a] * slopes[b]) / norm
        }
      }
    }
    if let bend { for index in matrix.indices { matrix[index] += bend[index] } }
    for index in 0..<width { matrix[index * width + index] += 1e-9 * total }
    // So stiff that nothing moves there, yet far from what rounding would notice.
    let stiffness = 1e6 * (0..<width).reduce(0.0) { $0 + matrix[$1 * width + $1] }
    for normal in normals {
      let share = stiffness / max(normal.reduce(0.0) { $0 + $1 * $1 }, .leastNormalMagnitude)
      for a in 0..<width { for b in 0..<width { matrix[a * width + b] += share * normal[a] * normal[b] } }
    }
    return matrix
  }

  private func jacobian(_ index: Int, _ column: Int) -> Double { Double(jacobians[sample * width + index, column]) }
}
