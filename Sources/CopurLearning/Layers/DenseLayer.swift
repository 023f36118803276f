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

extension DenseLayer: Layer {
  /// The input and x·W + b.
  public struct Memory: Sendable {
    let input: Matrix
    let affine: Matrix
  }

  public var specification: any LayerSpecification {
    DenseSpecification(outputs: weights.columns, activation: activation)
  }
  public var inputWidth: Int { weights.rows }
  public var outputWidth: Int { weights.columns }
  public var parameters: [[Float]] { [weights.values, bias] }

  public func forward(_ input: Matrix) -> Matrix {
    var output = Matrix.saturatingProduct(input, weights)
    output.addToEachRow(bias)
    activation.apply(to: &output)
    return output
  }

  public func trace(_ input: Matrix, in pass: Pass) -> (output: Matrix, memory: Memory) {
    let affine = affine(input)
    var output = affine
    activation.apply(to: &output)
    return (output, Memory(input: input, affine: affine))
  }

  public func backward(_ memory: Memory, outputGradient: Matrix) -> (input: Matrix, parameters: [[Float]]) {
    var gradient = outputGradient
    activation.differentiate(&gradient, at: memory.affine)
    return (
      Matrix.product(gradient, .plain, weights, .transposed),
      [Matrix.product(memory.input, .transposed, gradient).values, gradient.columnSums]
    )
  }

  public func parameterGradient(_ memory: Memory, outputGradient: Matrix) -> [[Float]] {
    var gradient = outputGradient
    activation.differentiate(&gradient, at: memory.affine)
    return [Matrix.product(memory.input, .transposed, gradient).values, gradient.columnSums]
  }

  public func pullback(_ memory: Memory, outputGradient: Matrix) -> Matrix {
    var gradient = outputGradient
    activation.differentiate(&gradient, at: memory.affine)
    return Matrix.product(gradient, .plain, weights, .transposed)
  }

  public mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {
    optimizer.move(&weights.values, along: gradient[0])
    optimizer.move(&bias, along: gradient[1])
  }
}

/// A ``DenseLayer`` without its parameters.
public struct DenseSpecification: LayerSpecification {
  public static let kind = "dense"
  /// The number of columns of an output.
  public var outputs: Int
  /// Applied to each element of x·W + b.
  public var activation: Activation

  /// - Parameter outputs: At least 1.
  public init(outputs: Int, activation: Activation = .identity) {
    self.outputs = outputs
    self.activation = activation
  }

  public func outputWidth(inputWidth: Int) throws -> Int {
    guard activation.lowerSlope.isFinite else {
      throw ArchitectureError("an activation's slope is finite (actual: \(activation.lowerSlope))")
    }
    return outputs
  }

  public func parameters(inputWidth: Int) -> [ParameterShape] {
    [ParameterShape("weight", [inputWidth, outputs]), ParameterShape("bias", [outputs])]
  }

  public func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) -> [[Float]] {
    DenseLayer(inputs: inputWidth, outputs: outputs, activation: activation, using: &generator).parameters
  }

  public func layer(inputWidth: Int, parameters: [[Float]]) -> any Layer {
    DenseLayer(
      weights: Matrix(rows: inputWidth, columns: outputs, values: parameters[0]), bias: parameters[1],
      activation: activation)
  }
}
