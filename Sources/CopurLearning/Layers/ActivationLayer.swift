public import CopurNumerics

/// A function of each element by itself, without parameters.
///
/// A ``DenseLayer`` has its piecewise linear ``Activation`` built in, which solvers make use of; this layer has the smooth
/// ones, and follows any other layer.
public struct ActivationLayer: Layer {
  /// The functions that can be applied to each element.
  public enum Function: Hashable, Sendable, Codable {
    /// (eˣ − e^−x)/(eˣ + e^−x).
    case tanh
    /// 1/(1 + e^−x).
    case logistic
    /// log(1 + eˣ).
    case softplus
    /// A piecewise linear one.
    case piecewiseLinear(Activation)
  }

  /// The input and the output.
  public struct Memory: Sendable {
    let input: Matrix
    let output: Matrix
  }

  /// The function that is applied to each element.
  public let function: Function
  /// The number of columns of an input.
  public let inputWidth: Int

  /// - Parameter width: How many columns an input has, at least 1.
  public init(_ function: Function, width: Int) {
    precondition(width >= 1)
    self.function = function
    inputWidth = width
  }

  public var specification: any LayerSpecification { ActivationSpecification(function) }
  public var outputWidth: Int { inputWidth }
  public var parameters: [[Float]] { [] }

  public func trace(_ input: Matrix, in pass: Pass) -> (output: Matrix, memory: Memory) {
    var output = input
    switch function {
    case .tanh: output.apply { Float(hyperbolicTangent(Double($0))) }
    case .logistic: output.apply { Float(CopurLearning.logistic(Double($0))) }
    case .softplus: output.apply { Float(logPlusOne(-Double(abs($0))) + Double(max($0, 0))) }
    case .piecewiseLinear(let activation): activation.apply(to: &output)
    }
    return (output, Memory(input: input, output: output))
  }

  public func backward(_ memory: Memory, outputGradient: Matrix) -> (input: Matrix, parameters: [[Float]]) {
    var gradient = outputGradient
    switch function {
    case .tanh: gradient.multiply(by: memory.output) { 1 - $0 * $0 }
    case .logistic: gradient.multiply(by: memory.output) { $0 * (1 - $0) }
    case .softplus: gradient.multiply(by: memory.input) { Float(CopurLearning.logistic(Double($0))) }
    case .piecewiseLinear(let activation): activation.differentiate(&gradient, at: memory.input)
    }
    return (gradient, [])
  }

  public mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {}
}

/// An ``ActivationLayer`` of any width.
public struct ActivationSpecification: LayerSpecification {
  public static let kind = "activation"
  /// The function that is applied to each element.
  public var function: ActivationLayer.Function

  /// An activation of any width.
  public init(_ function: ActivationLayer.Function) { self.function = function }

  public func outputWidth(inputWidth: Int) throws -> Int {
    if case .piecewiseLinear(let activation) = function, !activation.lowerSlope.isFinite {
      throw ArchitectureError("an activation's slope is finite (actual: \(activation.lowerSlope))")
    }
    return inputWidth
  }

  public func parameters(inputWidth: Int) -> [ParameterShape] { [] }
  public func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) -> [[Float]] { [] }
  public func layer(inputWidth: Int, parameters: [[Float]]) -> any Layer {
    ActivationLayer(function, width: inputWidth)
  }
}

extension Matrix {
  /// Replaces each element by a function of it.
  fileprivate mutating func apply(_ function: (Float) -> Float) {
    values.withUnsafeMutableBufferPointer { values in
      for index in 0..<values.count { values[index] = function(values[index]) }
    }
  }

  /// Multiplies each element by a function of the element of another matrix in its place.
  fileprivate mutating func multiply(by other: Matrix, _ function: (Float) -> Float) {
    precondition(rows == other.rows && columns == other.columns)
    values.withUnsafeMutableBufferPointer { values in
      other.values.withUnsafeBufferPointer { other in
        for index in 0..<values.count { values[index] *= function(other[index]) }
      }
    }
  }
}
