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
}
