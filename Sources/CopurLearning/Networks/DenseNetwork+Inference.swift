public import CopurNumerics

extension DenseNetwork {
  /// The output for a batch, [n, outputWidth]; each row bit-equal to what it is alone, unlike ``forward(_:)``'s.
  public func infer(_ input: Matrix) -> Matrix {
    var value = input
    for layer in layers {
      value = Matrix.tiledProduct(value, layer.weights)
      value.addToEachRow(layer.bias)
      layer.activation.apply(to: &value)
    }
    return value
  }
}
