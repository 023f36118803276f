public import CopurNumerics

extension Matrix {
  /// The squared length of each row.
  var rowSquares: [Float] {
    values.withUnsafeBufferPointer { values in
      (0..<rows).map { row in
        var sum: Float = 0
        for place in row * columns..<(row + 1) * columns { sum += values[place] * values[place] }
        return sum
      }
    }
  }
}

extension DenseNetwork.Trace {
  /// The pass of some rows alone.
  func selecting(_ rows: [Int]) -> DenseNetwork.Trace {
    DenseNetwork.Trace(
      inputs: inputs.map { $0.selecting(rows: rows) }, affines: affines.map { $0.selecting(rows: rows) },
      output: output.selecting(rows: rows))
  }
}

extension DenseNetwork {
  /// ‖∂ℓ_i/∂parameters‖² of each row, without a matrix a row: for a dense layer ‖∂ℓ_i/∂(W, b)‖² = ‖δ_i‖²·(‖a_i‖² + 1), with
  /// the layer's input a_i and the gradient δ_i by x·W + b (Goodfellow 2015, section 4).
  ///
  /// - Parameter outputGradient: ∂ℓ_i/∂output of each row, not divided by n.
  public func gradientSquares(_ trace: Trace, outputGradient: Matrix) -> [Float] {
    var sums = [Float](repeating: 0, count: outputGradient.rows)
    var gradient = outputGradient
    for (index, layer) in layers.enumerated().reversed() {
      layer.activation.differentiate(&gradient, at: trace.affines[index])
      let (slopes, inputs) = (gradient.rowSquares, trace.inputs[index].rowSquares)
      for row in sums.indices { sums[row] += slopes[row] * (inputs[row] + 1) }
      if index > 0 { gradient = Matrix.product(gradient, .plain, layer.weights, .transposed) }
    }
    return sums
  }

  /// ∂ℓ/∂parameters alone, without the way from the first layer back to the input.
  func parameterGradient(_ trace: Trace, _ outputGradient: Matrix) -> Gradient {
    var gradient = outputGradient
    var parameters = Gradient(weights: [], biases: [])
    for (index, layer) in layers.enumerated().reversed() {
      layer.activation.differentiate(&gradient, at: trace.affines[index])
      parameters.weights.append(Matrix.product(trace.inputs[index], .transposed, gradient))
      parameters.biases.append(gradient.columnSums)
      if index > 0 { gradient = Matrix.product(gradient, .plain, layer.weights, .transposed) }
    }
    parameters.weights.reverse()
    parameters.biases.reverse()
    return parameters
  }
}
