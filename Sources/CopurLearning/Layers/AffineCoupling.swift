public import CopurNumerics

/// A bijection that keeps some columns x_a and moves the others by what those say (Dinh, Sohl-Dickstein and Bengio 2017,
/// section 3.2, Eq. 4 and 5): y_a = x_a, y_b = x_b·exp(s(x_a)) + t(x_a), log |det ∂y/∂x| = Σ s(x_a).
///
/// s and t come from one network with a hidden layer of tanh units, the conditioner; s = c·tanh(·/c) keeps scales between
/// e^−c and e^c, so that no input makes them infinite.
public struct AffineCoupling: InvertibleLayer {
  /// x_b, exp(s), tanh(·/c), s, and the conditioner's pass.
  public struct Memory: Sendable {
    let moved: Matrix
    let factors: Matrix
    let tangents: Matrix
    let trace: Network.Trace
    let logDeterminants: [Float]
  }

  /// The settings.
  private let settings: AffineCouplingSpecification
  /// How many columns an input has.
  public let inputWidth: Int
  /// From x_a to the scales before the tanh and to the shifts, side by side.
  public private(set) var conditioner: Network
  private let kept: Range<Int>
  private let moved: Range<Int>

  fileprivate init(_ settings: AffineCouplingSpecification, inputWidth: Int, conditioner: Network) {
    self.settings = settings
    self.inputWidth = inputWidth
    self.conditioner = conditioner
    (kept, moved) = settings.halves(of: inputWidth)
  }

  public var specification: any LayerSpecification { settings }
  public var outputWidth: Int { inputWidth }
  public var parameters: [[Float]] { conditioner.parameters }

  /// exp(s), tanh(·/c) and t from the conditioner's output; the sum of s of each row.
  private func split(
    _ output: Matrix
  ) -> (factors: Matrix, tangents: Matrix, shifts: Matrix, logDeterminants: [Float]) {
    let count = moved.count
    var tangents = output.columns(0..<count)
    var factors = tangents
    var sums = [Float](repeating: 0, count: output.rows)
    let limit = Double(settings.scaleLimit)
    for row in 0..<output.rows {
      var sum = 0.0
      for column in 0..<count {
        let tangent = hyperbolicTangent(Double(tangents[row, column]) / limit)
        tangents[row, column] = Float(tangent)
        factors[row, column] = Float(exponential(limit * tangent))
        sum += limit * tangent
      }
      sums[row] = Float(sum)
    }
    return (factors, tangents, output.columns(count..<2 * count), sums)
  }

  public func trace(_ input: Matrix, in pass: Pass) -> (output: Matrix, memory: Memory) {
    let trace = conditioner.trace(input.columns(kept), in: pass)
    let (factors, tangents, shifts, logDeterminants) = split(trace.output)
    let before = input.columns(moved)
    var after = before
    for index in after.values.indices {
      after.values[index] = after.values[index] * factors.values[index] + shifts.values[index]
    }
    var output = input
    output.replaceColumns(moved, with: after)
    return (
      output,
      Memory(moved: before, factors: factors, tangents: tangents, trace: trace, logDeterminants: logDeterminants)
    )
  }

  public func inverse(_ output: Matrix) -> Matrix {
    let (factors, _, shifts, _) = split(conditioner.infer(output.columns(kept)))
    var before = output.columns(moved)
    for index in before.values.indices {
      before.values[index] = (before.values[index] - shifts.values[index]) / factors.values[index]
    }
    var input = output
    input.replaceColumns(moved, with: before)
    return input
  }

  public func logDeterminants(_ memory: Memory) -> [Float] { memory.logDeterminants }

  public func backward(
    _ memory: Memory, outputGradient: Matrix, logDeterminantGradient: [Float]
  ) -> (input: Matrix, parameters: [[Float]]) {
    let (after, count) = (outputGradient.columns(moved), moved.count)
    var before = after
    var conditions = Matrix(rows: after.rows, columns: 2 * count)
    for row in 0..<after.rows {
      for column in 0..<count {
        let slope = after[row, column]
        let through = slope * memory.factors[row, column]
        let tangent = memory.tangents[row, column]
        before[row, column] = through
        conditions[row, column] =
          (through * memory.moved[row, column] + logDeterminantGradient[row]) * (1 - tangent * tangent)
        conditions[row, count + column] = slope
      }
    }
    let (back, parameters) = conditioner.backward(memory.trace, outputGradient: conditions)
    var keptGradient = outputGradient.columns(kept)
    keptGradient.add(back)
    var input = outputGradient
    input.replaceColumns(moved, with: before)
    input.replaceColumns(kept, with: keptGradient)
    return (input, parameters)
  }

  public mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {
    conditioner.move(along: gradient, with: &optimizer)
  }
}

/// An ``AffineCoupling`` without its parameters.
public struct AffineCouplingSpecification: LayerSpecification {
  public static let kind = "affine-coupling"
  /// The width of the conditioner's hidden layer.
  public var hidden: Int
  /// Whether the first half of the columns is kept and the second one moved, or the other way round. A flow alternates.
  public var keepsFirst: Bool
  /// c, over 0: scales are between e^−c and e^c.
  public var scaleLimit: Float

  /// - Parameters:
  ///   - hidden: The width of the conditioner's hidden layer, at least 1.
  ///   - keepsFirst: Whether the first half of the columns is kept, or the second.
  ///   - scaleLimit: c, over 0 and at most 8.
  public init(hidden: Int, keepsFirst: Bool, scaleLimit: Float = 2) {
    self.hidden = hidden
    self.keepsFirst = keepsFirst
    self.scaleLimit = scaleLimit
  }

  fileprivate func halves(of width: Int) -> (kept: Range<Int>, moved: Range<Int>) {
    let (first, second) = (0..<width / 2, width / 2..<width)
    return keepsFirst ? (first, second) : (second, first)
  }

  private func conditioner(_ width: Int) throws -> Architecture {
    let (kept, moved) = halves(of: width)
    return try Architecture(
      inputWidth: kept.count,
      layers: [
        .init("hidden", DenseSpecification(outputs: hidden)), .init("activation", ActivationSpecification(.tanh)),
        .init("output", DenseSpecification(outputs: 2 * moved.count)),
      ])
  }

  public func outputWidth(inputWidth: Int) throws -> Int {
    guard inputWidth >= 2 else {
      throw ArchitectureError("a coupling's input is at least 2 wide (actual: \(inputWidth))")
    }
    guard scaleLimit > 0, scaleLimit <= 8 else {
      throw ArchitectureError("a coupling's scale limit is over 0 and at most 8 (actual: \(scaleLimit))")
    }
    return inputWidth
  }

  public func parameters(inputWidth: Int) throws -> [ParameterShape] {
    let conditioner = try conditioner(inputWidth)
    return zip(conditioner.layers, conditioner.parameters).flatMap { layer, shapes in
      shapes.map { ParameterShape("\(layer.name).\($0.name)", $0.shape) }
    }
  }

  /// The conditioner's last layer starts at 0, so that the coupling starts as the identity (Kingma and Dhariwal 2018,
  /// section 3.3).
  public func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) throws -> [[Float]] {
    var parameters = try Network(conditioner(inputWidth), using: &generator).parameters
    for index in parameters.indices.suffix(2) {
      parameters[index] = [Float](repeating: 0, count: parameters[index].count)
    }
    return parameters
  }

  public func layer(inputWidth: Int, parameters: [[Float]]) throws -> any Layer {
    var rest = parameters[...]
    let network = try Network(conditioner(inputWidth)) { _, _ in rest.removeFirst() }
    return AffineCoupling(self, inputWidth: inputWidth, conditioner: network)
  }
}
