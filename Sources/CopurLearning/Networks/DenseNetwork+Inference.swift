public import CopurNumerics

extension DenseNetwork {
  /// The output for a batch, [n, outputWidth]; each row bit-equal to what it is alone, and finite for finite rows.
  public func infer(_ input: Matrix) -> Matrix {
    infer(firstProduct: Matrix.saturatingProduct(input, layers[0].weights))
  }
}
