public import CopurNumerics

/// The function that a layer applies to each element of its affine output.
public enum Activation: Hashable, Sendable, Codable {
  /// x.
  case identity
  /// max(x, 0).
  case relu
  /// x for x > 0, slope·x otherwise.
  case leakyReLU(slope: Float)

  /// The factor for inputs that are not positive; all three are piecewise linear with slope 1 above 0.
  @inlinable
  public var lowerSlope: Float {
    switch self {
    case .identity: 1
    case .relu: 0
    case .leakyReLU(let slope): slope
    }
  }

  /// Applies the activation in place.
  public func apply(to matrix: inout Matrix) {
    let slope = lowerSlope
    if slope == 1 { return }
    matrix.values.withUnsafeMutableBufferPointer { values in
      for index in 0..<values.count { values[index] = values[index] > 0 ? values[index] : slope * values[index] }
    }
  }

  /// Multiplies a gradient with respect to the output by the derivative, in place.
  ///
  /// - Parameters:
  ///   - gradient: ∂ℓ/∂output on entry, ∂ℓ/∂input on return.
  ///   - affine: The inputs of the activation; the derivative at 0 is taken as the lower slope.
  public func differentiate(_ gradient: inout Matrix, at affine: Matrix) {
    let slope = lowerSlope
    if slope == 1 { return }
    precondition(gradient.rows == affine.rows && gradient.columns == affine.columns)
    gradient.values.withUnsafeMutableBufferPointer { gradient in
      affine.values.withUnsafeBufferPointer { affine in
        for index in 0..<gradient.count { gradient[index] *= affine[index] > 0 ? 1 : slope }
      }
    }
  }
}
