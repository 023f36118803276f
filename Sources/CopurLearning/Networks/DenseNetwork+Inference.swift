public import CopurNumerics

extension DenseNetwork {
  /// The output for a batch, [n, outputWidth]; each row bit-equal to what it is alone, unlike ``forward(_:)``'s.
  public func infer(_ input: Matrix) -> Matrix {
    infer(firstProduct: Matrix.tiledProduct(input, layers[0].weights))
  }
}
