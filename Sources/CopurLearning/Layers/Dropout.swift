public import CopurNumerics

/// Dropout (Srivastava et al. 2014): in a step of a training each value is 0 with a probability, and the others are scaled so
/// that the mean stays; elsewhere the layer does nothing.
public struct Dropout: Layer {
  /// For each value what it was multiplied by; nil where the layer did nothing.
  public struct Memory: Sendable {
    let factors: [Float]?
  }

  /// The probability of 0, from 0 to under 1.
  public let rate: Float
  /// The number of columns of an input.
  public let inputWidth: Int

  /// - Parameters:
  ///   - rate: The probability of 0, from 0 to under 1.
  ///   - width: How many columns an input has, at least 1.
  public init(rate: Float, width: Int) {
    precondition((0..<1).contains(rate) && width >= 1)
    self.rate = rate
    inputWidth = width
  }

  public var specification: any LayerSpecification { DropoutSpecification(rate: rate) }
  public var outputWidth: Int { inputWidth }
  public var parameters: [[Float]] { [] }

  public func forward(_ input: Matrix) -> Matrix { input }

  public func trace(_ input: Matrix, in pass: Pass) -> (output: Matrix, memory: Memory) {
    guard case .training(let seed) = pass, rate > 0 else { return (input, Memory(factors: nil)) }
    var generator = SeededGenerator(seed: seed, purpose: "dropout")
    let kept = 1 / (1 - rate)
    let factors = (0..<input.values.count).map { _ in generator.uniform() < Double(rate) ? 0 : kept }
    return (Self.product(input, factors), Memory(factors: factors))
  }

  public func backward(_ memory: Memory, outputGradient: Matrix) -> (input: Matrix, parameters: [[Float]]) {
    (memory.factors.map { Self.product(outputGradient, $0) } ?? outputGradient, [])
  }

  public mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {}

  private static func product(_ matrix: Matrix, _ factors: [Float]) -> Matrix {
    Matrix(rows: matrix.rows, columns: matrix.columns) { output in
      matrix.values.withUnsafeBufferPointer { values in
        for index in 0..<values.count { output[index] = values[index] * factors[index] }
      }
    }
  }
}

/// A ``Dropout`` of any width.
public struct DropoutSpecification: LayerSpecification {
  public static let kind = "dropout"
  /// The probability of 0, from 0 to under 1.
  public var rate: Float

  /// - Parameter rate: The probability of 0, from 0 to under 1.
  public init(rate: Float) { self.rate = rate }

  public func outputWidth(inputWidth: Int) throws -> Int {
    guard (0..<1).contains(rate) else {
      throw ArchitectureError("a dropout's rate is from 0 to under 1 (actual: \(rate))")
    }
    return inputWidth
  }

  public func parameters(inputWidth: Int) -> [ParameterShape] { [] }
  public func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) -> [[Float]] { [] }
  public func layer(inputWidth: Int, parameters: [[Float]]) -> any Layer { Dropout(rate: rate, width: inputWidth) }
}
