public import CopurNumerics

/// y = activation(x·W + b), with samples as rows.
public struct DenseLayer: Hashable, Sendable {
  /// W, [inputs, outputs].
  public var weights: Matrix
  /// b, as many as outputs.
  public var bias: [Float]
  /// Applied to each element of x·W + b.
  public let activation: Activation

  /// - Precondition: `bias` has a value a column of `weights`.
  public init(weights: Matrix, bias: [Float], activation: Activation) {
    precondition(weights.columns == bias.count)
    self.weights = weights
    self.bias = bias
    self.activation = activation
  }

  /// Weights uniform in ±√(6 / (inputs + outputs)) (Glorot and Bengio 2010, Eq. 16), bias 0.
  public init(inputs: Int, outputs: Int, activation: Activation, using generator: inout SeededGenerator) {
    let limit = (6 / Float(inputs + outputs)).squareRoot()
    var weights = Matrix(rows: inputs, columns: outputs)
    for index in weights.values.indices { weights.values[index] = generator.uniform(-limit, limit) }
    self.init(weights: weights, bias: [Float](repeating: 0, count: outputs), activation: activation)
  }

  /// x·W + b, [n, outputs].
  public func affine(_ input: Matrix) -> Matrix {
    var output = Matrix.product(input, weights)
    output.addToEachRow(bias)
    return output
  }
}
