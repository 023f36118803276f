public import CopurNumerics

/// Each row brought to mean 0 and variance 1, then scaled and shifted by column (Ba, Kiros and Hinton 2016, Eq. 4):
/// y = γ·(x − μ)/√(σ² + ε) + β with the row's own μ and σ².
public struct LayerNormalization: Layer {
  /// The parts of each row that the way back needs: (x − μ)/√(σ² + ε), and 1/√(σ² + ε).
  public struct Memory: Sendable {
    let normalized: Matrix
    let inverses: [Float]
  }

  /// γ, as many values as columns.
  public private(set) var scale: [Float]
  /// β, as many values as columns.
  public private(set) var shift: [Float]
  /// ε, over 0: keeps a row without variance finite.
  public let epsilon: Float

  /// - Precondition: There are as many scales as shifts, at least one, and ε is over 0.
  public init(scale: [Float], shift: [Float], epsilon: Float) {
    precondition(scale.count == shift.count && !scale.isEmpty && epsilon > 0)
    self.scale = scale
    self.shift = shift
    self.epsilon = epsilon
  }

  public var specification: any LayerSpecification { LayerNormalizationSpecification(epsilon: epsilon) }
  public var inputWidth: Int { scale.count }
  public var outputWidth: Int { scale.count }
  public var parameters: [[Float]] { [scale, shift] }

  public func trace(_ input: Matrix, in pass: Pass) -> (output: Matrix, memory: Memory) {
    let width = scale.count
    var (output, normalized) = (input, input)
    var inverses: [Float] = []
    inverses.reserveCapacity(input.rows)
    for row in 0..<input.rows {
      let values = input[row: row]
      let mean = values.reduce(0.0) { $0 + Double($1) } / Double(width)
      let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(width)
      let inverse = 1 / (variance + Double(epsilon)).squareRoot()
      inverses.append(Float(inverse))
      for (column, value) in values.enumerated() {
        let unit = Float((Double(value) - mean) * inverse)
        normalized[row, column] = unit
        output[row, column] = scale[column] * unit + shift[column]
      }
    }
    return (output, Memory(normalized: normalized, inverses: inverses))
  }

  public func backward(_ memory: Memory, outputGradient: Matrix) -> (input: Matrix, parameters: [[Float]]) {
    let width = scale.count
    var input = outputGradient
    var scales = [Float](repeating: 0, count: width)
    for row in 0..<outputGradient.rows {
      var (sum, along) = (0.0, 0.0)
      for column in 0..<width {
        let slope = outputGradient[row, column]
        let unit = memory.normalized[row, column]
        scales[column] += slope * unit
        sum += Double(slope * scale[column])
        along += Double(slope * scale[column]) * Double(unit)
      }
      // A change of the row's mean and of its length is undone: those parts of the gradient are taken out.
      for column in 0..<width {
        let slope = Double(outputGradient[row, column] * scale[column])
        let rest = slope - (sum + along * Double(memory.normalized[row, column])) / Double(width)
        input[row, column] = Float(rest * Double(memory.inverses[row]))
      }
    }
    return (input, [scales, outputGradient.columnSums])
  }

  public mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {
    optimizer.move(&scale, along: gradient[0])
    optimizer.move(&shift, along: gradient[1])
  }
}

/// A ``LayerNormalization`` without its parameters.
public struct LayerNormalizationSpecification: LayerSpecification {
  public static let kind = "layer-normalization"
  /// ε, over 0.
  public var epsilon: Float

  /// - Parameter epsilon: Over 0.
  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  public func outputWidth(inputWidth: Int) throws -> Int {
    guard epsilon > 0, epsilon.isFinite else {
      throw ArchitectureError("a normalisation's epsilon is over 0 (actual: \(epsilon))")
    }
    return inputWidth
  }

  public func parameters(inputWidth: Int) -> [ParameterShape] {
    [ParameterShape("scale", [inputWidth]), ParameterShape("shift", [inputWidth])]
  }

  public func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) -> [[Float]] {
    [[Float](repeating: 1, count: inputWidth), [Float](repeating: 0, count: inputWidth)]
  }

  public func layer(inputWidth: Int, parameters: [[Float]]) -> any Layer {
    LayerNormalization(scale: parameters[0], shift: parameters[1], epsilon: epsilon)
  }
}
