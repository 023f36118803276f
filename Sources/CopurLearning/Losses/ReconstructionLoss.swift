public import CopurNumerics

/// Mean over samples of the squared distance ½‖x̂ − x‖².
public enum ReconstructionLoss {
  /// The mean and its gradient with respect to the reconstruction.
  public static func evaluate(_ reconstruction: Matrix, against target: Matrix) -> (value: Float, gradient: Matrix) {
    precondition(reconstruction.rows == target.rows && reconstruction.columns == target.columns)
    var gradient = reconstruction
    gradient.add(target, scale: -1)
    let scale = 1 / Float(max(1, target.rows))
    var total = 0.0
    gradient.values.withUnsafeMutableBufferPointer { gradient in
      for index in 0..<gradient.count {
        total += Double(gradient[index] * gradient[index])
        gradient[index] *= scale
      }
    }
    return (Float(total / 2) * scale, gradient)
  }

  /// Each row's own loss and gradient, for a training that selects or weighs rows.
  ///
  /// - Returns: ½‖x̂ − x‖² of each row, n values, and x̂ − x, of the reconstruction's shape, not divided by n.
  public static func ofEachRow(
    _ reconstruction: Matrix, against target: Matrix
  ) -> (values: [Float], gradient: Matrix) {
    precondition(reconstruction.rows == target.rows && reconstruction.columns == target.columns)
    var gradient = reconstruction
    gradient.add(target, scale: -1)
    let values = (0..<gradient.rows).map { row in
      Float(gradient[row: row].reduce(0.0) { $0 + Double($1 * $1) } / 2)
    }
    return (values, gradient)
  }
}
