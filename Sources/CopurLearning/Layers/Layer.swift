public import CopurNumerics

/// A differentiable function of batches, with parameters: a link of a ``Network``.
///
/// In a pass of ``Pass/inference`` each row of the output depends on that row of the input alone and has the same bits in
/// whatever batch, so that a sample is judged alike with any neighbours.
public protocol Layer: Hashable, Sendable {
  /// The results of a forward pass that the way back needs.
  associatedtype Memory: Sendable

  /// The kind of layer and its settings, without the parameters.
  var specification: any LayerSpecification { get }
  /// The number of columns of an input.
  var inputWidth: Int { get }
  /// The number of columns of an output.
  var outputWidth: Int { get }
  /// The values of each parameter, in the order of ``LayerSpecification/parameters(inputWidth:)``.
  var parameters: [[Float]] { get }

  /// The output in a pass of ``Pass/inference``, [n, outputWidth]; finite for finite rows where the function is.
  func forward(_ input: Matrix) -> Matrix

  /// The output, [n, outputWidth], with what the way back needs.
  ///
  /// - Parameter input: [n, inputWidth].
  func trace(_ input: Matrix, in pass: Pass) -> (output: Matrix, memory: Memory)

  /// Propagates a gradient back.
  ///
  /// - Parameters:
  ///   - memory: What ``trace(_:in:)`` kept.
  ///   - outputGradient: ∂ℓ/∂output, [n, outputWidth].
  /// - Returns: ∂ℓ/∂input, [n, inputWidth], and ∂ℓ/∂parameters summed over the batch, of the shape of ``parameters``.
  func backward(_ memory: Memory, outputGradient: Matrix) -> (input: Matrix, parameters: [[Float]])

  /// ∂ℓ/∂input alone, for those who do not train; the same bits as ``backward(_:outputGradient:)`` gives.
  func pullback(_ memory: Memory, outputGradient: Matrix) -> Matrix

  /// ∂ℓ/∂parameters alone, for the first layer of a network in training; the same bits as
  /// ``backward(_:outputGradient:)`` gives.
  func parameterGradient(_ memory: Memory, outputGradient: Matrix) -> [[Float]]

  /// Moves each parameter in order, as one part of an optimiser's step.
  ///
  /// - Parameter gradient: ∂ℓ/∂parameters, of the shape of ``parameters``.
  mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer)
}

extension Layer {
  public func forward(_ input: Matrix) -> Matrix { trace(input, in: .inference).output }

  public func pullback(_ memory: Memory, outputGradient: Matrix) -> Matrix {
    backward(memory, outputGradient: outputGradient).input
  }

  public func parameterGradient(_ memory: Memory, outputGradient: Matrix) -> [[Float]] {
    backward(memory, outputGradient: outputGradient).parameters
  }
}

/// The purpose of a forward pass. Some layers, such as dropout, do in training what they do not do elsewhere.
public enum Pass: Hashable, Sendable {
  /// The function itself, to predict, to attack, to solve.
  case inference
  /// A step of a training. Equal seeds give equal passes; each step has its own.
  case training(seed: UInt64)
}

/// A layer that is a bijection, as the layers of a normalising flow are (Rezende and Mohamed 2015).
///
/// A flow's log-likelihood of x is log p(y) + log |det ∂y/∂x|, so its training needs the gradient of both terms.
public protocol InvertibleLayer: Layer {
  /// The input that gives an output, [n, inputWidth].
  func inverse(_ output: Matrix) -> Matrix

  /// log |det ∂output/∂input| of each row, n values.
  func logDeterminants(_ memory: Memory) -> [Float]

  /// Propagates the gradients by the output and by the log-determinants back.
  ///
  /// - Parameters:
  ///   - memory: What ``Layer/trace(_:in:)`` kept.
  ///   - outputGradient: ∂ℓ/∂output, [n, outputWidth].
  ///   - logDeterminantGradient: ∂ℓ/∂(log-determinant of each row), n values.
  /// - Returns: As ``Layer/backward(_:outputGradient:)``.
  func backward(
    _ memory: Memory, outputGradient: Matrix, logDeterminantGradient: [Float]
  ) -> (input: Matrix, parameters: [[Float]])
}

extension InvertibleLayer {
  public func backward(_ memory: Memory, outputGradient: Matrix) -> (input: Matrix, parameters: [[Float]]) {
    backward(
      memory, outputGradient: outputGradient,
      logDeterminantGradient: [Float](repeating: 0, count: outputGradient.rows))
  }
}
