public import CopurNumerics

extension DenseNetwork {
  /// The output and its derivatives with respect to the input, forward mode, for a batch.
  ///
  /// - Parameter input: [n, inputWidth].
  /// - Returns: The output, [n, outputWidth], and the Jacobians, [n · inputWidth, outputWidth]: row s · inputWidth + k is
  ///   ∂output_s/∂input_{s,k}.
  public func forwardWithJacobians(_ input: Matrix) -> (output: Matrix, jacobians: Matrix) {
    let (samples, width) = (input.rows, input.columns)
    var value = input
    var tangents: Matrix?
    for layer in layers {
      let affine = layer.affine(value)
      var next: Matrix
      if let tangents {
        next = Matrix.product(tangents, layer.weights)
      } else {
        // The first layer's tangents are the unit vectors: their product is W itself, once a sample.
        next = Matrix(rows: samples * width, columns: layer.weights.columns) { output in
          for sample in 0..<samples {
            for index in 0..<layer.weights.values.count {
              output[sample * layer.weights.values.count + index] = layer.weights.values[index]
            }
          }
        }
      }
      let slope = layer.activation.lowerSlope
      if slope != 1 {
        let columns = next.columns
        next.values.withUnsafeMutableBufferPointer { next in
          affine.values.withUnsafeBufferPointer { affine in
            for row in 0..<samples * width {
              let sample = row / width
              for column in 0..<columns where !(affine[sample * columns + column] > 0) {
                next[row * columns + column] *= slope
              }
            }
          }
        }
      }
      tangents = next
      value = affine
      layer.activation.apply(to: &value)
    }
    return (value, tangents ?? Matrix(rows: 0, columns: outputWidth))
  }
}
