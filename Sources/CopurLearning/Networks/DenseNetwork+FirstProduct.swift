public import CopurNumerics

/// A first layer is linear up to its activation. What is known of the input's product with its weights need not go through
/// the input, which is often much wider than the layer.
extension DenseNetwork {
  /// The output for a batch from its product with the first layer's weights, [n, outputWidth]; each row bit-equal to what
  /// it is alone.
  ///
  /// - Parameter product: x·W₁ without the bias, [n, width of the first layer's output].
  public func infer(firstProduct product: Matrix) -> Matrix {
    var value = product
    for (index, layer) in layers.enumerated() {
      if index > 0 { value = Matrix.saturatingProduct(value, layer.weights) }
      value.addToEachRow(layer.bias)
      layer.activation.apply(to: &value)
    }
    return value
  }

  /// ∂ℓ/∂(x·W₁) for a batch, of the product's shape.
  ///
  /// - Parameters:
  ///   - product: x·W₁ without the bias, [n, width of the first layer's output].
  ///   - outputGradient: Takes the network's output; returns ∂ℓ/∂output, [n, outputWidth].
  public func gradient(firstProduct product: Matrix, outputGradient: (Matrix) -> Matrix) -> Matrix {
    var value = product
    var affines: [Matrix] = []
    for (index, layer) in layers.enumerated() {
      if index == 0 { value.addToEachRow(layer.bias) } else { value = layer.affine(value) }
      affines.append(value)
      layer.activation.apply(to: &value)
    }
    var gradient = outputGradient(value)
    for (index, layer) in layers.enumerated().reversed() {
      layer.activation.differentiate(&gradient, at: affines[index])
      if index > 0 { gradient = Matrix.product(gradient, .plain, layer.weights, .transposed) }
    }
    return gradient
  }
}
