internal import CopurNumerics

/// The parameters of a convolution or a transposed one: filters, and a value a channel of the output.
struct ConvolutionFilters: Hashable, Sendable {
  /// W, row-major.
  private(set) var weights: [Float]
  /// b; nil for none.
  private(set) var bias: [Float]?

  /// - Parameter parameters: W, and b where there is one.
  init(_ parameters: [[Float]]) {
    weights = parameters[0]
    bias = parameters.count > 1 ? parameters[1] : nil
  }

  /// W, and b where there is one.
  var parameters: [[Float]] { [weights] + (bias.map { [$0] } ?? []) }

  /// ∂ℓ/∂parameters.
  ///
  /// - Parameters:
  ///   - weights: ∂ℓ/∂W.
  ///   - slopes: ∂ℓ/∂(output before the activation), [n, places · channels].
  func gradient(weights: [Float], slopes: Matrix) -> [[Float]] {
    guard let bias else { return [weights] }
    let places = Matrix(rows: slopes.values.count / bias.count, columns: bias.count, values: slopes.values)
    return [weights, places.columnSums]
  }

  /// Moves the parameters as a part of an optimiser's step.
  mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {
    optimizer.move(&weights, along: gradient[0])
    if var bias {
      optimizer.move(&bias, along: gradient[1])
      self.bias = bias
    }
  }
}
