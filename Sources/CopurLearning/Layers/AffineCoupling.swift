public import CopurNumerics

/// A bijection that keeps some columns x_a and moves the others by what those say (Dinh, Sohl-Dickstein and Bengio 2017,
/// section 3.2, Eq. 4 and 5; Liu, thesis, Eq. 3.2): y_a = x_a, y_b = x_b·exp(s(x_a)) + t(x_a), log |det ∂y/∂x| = Σ s(x_a).
///
/// s and t are networks of their own, each of the same hidden layers; s = c·tanh(·/c) keeps scales between e^−c and e^c, so
/// that no input makes them infinite.
public struct AffineCoupling: InvertibleLayer {
  /// x_b, exp(s), tanh(·/c), and the passes of s and t.
  public struct Memory: Sendable {
    let moved: Matrix
    let factors: Matrix
    let tangents: Matrix
    let scaleTrace: Network.Trace
    let shiftTrace: Network.Trace
    let logDeterminants: [Float]
  }

  /// The settings.
  private let settings: AffineCouplingSpecification
  /// The number of columns of an input.
  public let inputWidth: Int
  /// From x_a to the scales before the tanh.
  public private(set) var scale: Network
  /// From x_a to the shifts.
  public private(set) var shift: Network
  private let kept: Range<Int>
  private let moved: Range<Int>
  /// The estimates of the largest singular value of each dense layer; those of s first. Empty before the first step.
  private var norms: [SpectralNorm] = []

  fileprivate init(_ settings: AffineCouplingSpecification, inputWidth: Int, scale: Network, shift: Network) {
    self.settings = settings
    self.inputWidth = inputWidth
    self.scale = scale
    self.shift = shift
    (kept, moved) = settings.halves(of: inputWidth)
  }

  public var specification: any LayerSpecification { settings }
  public var outputWidth: Int { inputWidth }
  public var parameters: [[Float]] { scale.parameters + shift.parameters }

  /// exp(s) and tanh(·/c) from the output of the network of s; the sum of s of each row.
  private func scales(_ output: Matrix) -> (factors: Matrix, tangents: Matrix, logDeterminants: [Float]) {
    let limit = settings.scaleLimit
    let (rows, columns) = (output.rows, output.columns)
    var sums = [Float](repeating: 0, count: rows)
    var tangents = output
    let factors = Matrix(rows: rows, columns: columns) { factors in
      tangents.values.withUnsafeMutableBufferPointer { tangents in
        for row in 0..<rows {
          var sum: Float = 0
          for place in row * columns..<(row + 1) * columns {
            let tangent = hyperbolicTangent(tangents[place] / limit)
            tangents[place] = tangent
            factors[place] = exponential(limit * tangent)
            sum += limit * tangent
          }
          sums[row] = sum
        }
      }
    }
    return (factors, tangents, sums)
  }

  public func trace(_ input: Matrix, in pass: Pass) -> (output: Matrix, memory: Memory) {
    let condition = input.columns(kept)
    let (scaleTrace, shiftTrace) = (scale.trace(condition, in: pass), shift.trace(condition, in: pass))
    let (factors, tangents, logDeterminants) = scales(scaleTrace.output)
    let before = input.columns(moved)
    var output = input
    output.replaceColumns(moved, with: Self.moved(before, factors: factors, shifts: shiftTrace.output))
    return (
      output,
      Memory(
        moved: before, factors: factors, tangents: tangents, scaleTrace: scaleTrace, shiftTrace: shiftTrace,
        logDeterminants: logDeterminants)
    )
  }

  private static func moved(_ before: Matrix, factors: Matrix, shifts: Matrix) -> Matrix {
    var after = before
    after.values.withUnsafeMutableBufferPointer { after in
      factors.values.withUnsafeBufferPointer { factors in
        shifts.values.withUnsafeBufferPointer { shifts in
          for index in 0..<after.count { after[index] = after[index] * factors[index] + shifts[index] }
        }
      }
    }
    return after
  }

  public func forward(_ input: Matrix) -> Matrix {
    let condition = input.columns(kept)
    var output = input
    output.replaceColumns(
      moved,
      with: Self.moved(
        input.columns(moved), factors: scales(scale.infer(condition)).factors, shifts: shift.infer(condition)))
    return output
  }

  public func inverse(_ output: Matrix) -> Matrix {
    let condition = output.columns(kept)
    let (factors, shifts) = (scales(scale.infer(condition)).factors, shift.infer(condition))
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
    let (after, columns) = (outputGradient.columns(moved), moved.count)
    var scaleSlopes = after
    var before = after
    before.values.withUnsafeMutableBufferPointer { before in
      scaleSlopes.values.withUnsafeMutableBufferPointer { slopes in
        memory.factors.values.withUnsafeBufferPointer { factors in
          memory.tangents.values.withUnsafeBufferPointer { tangents in
            memory.moved.values.withUnsafeBufferPointer { moved in
              for row in 0..<after.rows {
                for place in row * columns..<(row + 1) * columns {
                  let through = before[place] * factors[place]
                  before[place] = through
                  slopes[place] =
                    (through * moved[place] + logDeterminantGradient[row]) * (1 - tangents[place] * tangents[place])
                }
              }
            }
          }
        }
      }
    }
    let (scaleBack, scaleGradient) = scale.backward(memory.scaleTrace, outputGradient: scaleSlopes)
    let (shiftBack, shiftGradient) = shift.backward(memory.shiftTrace, outputGradient: after)
    var keptGradient = outputGradient.columns(kept)
    keptGradient.add(scaleBack)
    keptGradient.add(shiftBack)
    var input = outputGradient
    input.replaceColumns(moved, with: before)
    input.replaceColumns(kept, with: keptGradient)
    return (input, scaleGradient + shiftGradient)
  }

  public mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {
    let count = scale.parameters.count
    scale.move(along: Array(gradient[..<count]), with: &optimizer)
    shift.move(along: Array(gradient[count...]), with: &optimizer)
    guard let limit = settings.spectralLimit else { return }
    let layers = scale.layers.count
    if norms.isEmpty { norms = (scale.layers + shift.layers).map { SpectralNorm(width: $0.outputWidth) } }
    for index in norms.indices {
      if index < layers {
        scale.limit(layer: index, to: limit, by: &norms[index])
      } else {
        shift.limit(layer: index - layers, to: limit, by: &norms[index])
      }
    }
  }

  public static func == (one: AffineCoupling, other: AffineCoupling) -> Bool {
    one.settings == other.settings && one.scale == other.scale && one.shift == other.shift
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(settings)
    hasher.combine(scale)
    hasher.combine(shift)
  }
}

extension Network {
  /// Brings the largest singular value of a dense layer's weights to a limit, if it is over it.
  fileprivate mutating func limit(layer index: Int, to limit: Float, by norm: inout SpectralNorm) {
    guard var dense = layers[index] as? DenseLayer else { return }
    norm.limit(&dense.weights, to: limit)
    layers[index] = dense
  }
}

/// An ``AffineCoupling`` without its parameters.
public struct AffineCouplingSpecification: LayerSpecification {
  public static let kind = "affine-coupling"
  /// The width of each hidden layer of s and t.
  public var hidden: Int
  /// The number of hidden layers of s and t.
  public var depth: Int
  /// The activation after each hidden layer.
  public var activation: Activation
  /// Whether the first half of the columns is kept and the second one moved, or the other way round. A flow alternates, so
  /// that no column is always kept, however many there are.
  public var keepsFirst: Bool
  /// c, over 0: scales are between e^−c and e^c.
  public var scaleLimit: Float
  /// The largest singular value that a step leaves each layer of s and t (RobustRealNVP, thesis, section 3.3); nil for any.
  /// Smaller ones stay as they are: W·min(1, k/‖W‖), where the thesis also scales up.
  public var spectralLimit: Float?

  /// - Parameters:
  ///   - hidden: The width of each hidden layer of s and t, at least 1.
  ///   - depth: How many hidden layers they have, from 1 to 8.
  ///   - activation: What is applied after each hidden layer.
  ///   - keepsFirst: Whether the first half of the columns is kept, or the second.
  ///   - scaleLimit: c, over 0 and at most 8.
  ///   - spectralLimit: The largest singular value of each layer, over 0; nil for any.
  public init(
    hidden: Int, depth: Int = 2, activation: Activation = .leakyReLU(slope: 0.01), keepsFirst: Bool,
    scaleLimit: Float = 1, spectralLimit: Float? = nil
  ) {
    self.hidden = hidden
    self.depth = depth
    self.activation = activation
    self.keepsFirst = keepsFirst
    self.scaleLimit = scaleLimit
    self.spectralLimit = spectralLimit
  }

  fileprivate func halves(of width: Int) -> (kept: Range<Int>, moved: Range<Int>) {
    let (first, second) = (0..<width / 2, width / 2..<width)
    return keepsFirst ? (first, second) : (second, first)
  }

  private func conditioner(_ width: Int) throws -> Architecture {
    let (kept, moved) = halves(of: width)
    let hidden = (0..<depth).map {
      Architecture.Element("hidden-\($0 + 1)", DenseSpecification(outputs: self.hidden, activation: activation))
    }
    return try Architecture(
      inputWidth: kept.count, layers: hidden + [.init("output", DenseSpecification(outputs: moved.count))])
  }

  public func outputWidth(inputWidth: Int) throws -> Int {
    guard inputWidth >= 2 else {
      throw ArchitectureError("a coupling's input is at least 2 wide (actual: \(inputWidth))")
    }
    guard (1...8).contains(depth) else {
      throw ArchitectureError("a coupling's networks have 1 to 8 hidden layers (actual: \(depth))")
    }
    guard scaleLimit > 0, scaleLimit <= 8 else {
      throw ArchitectureError("a coupling's scale limit is over 0 and at most 8 (actual: \(scaleLimit))")
    }
    if let spectralLimit, !(spectralLimit > 0 && spectralLimit.isFinite) {
      throw ArchitectureError("a coupling's spectral limit is over 0 (actual: \(spectralLimit))")
    }
    return inputWidth
  }

  public func parameters(inputWidth: Int) throws -> [ParameterShape] {
    let conditioner = try conditioner(inputWidth)
    return ["scale", "shift"].flatMap { network in
      zip(conditioner.layers, conditioner.parameters).flatMap { layer, shapes in
        shapes.map { ParameterShape("\(network).\(layer.name).\($0.name)", $0.shape) }
      }
    }
  }

  /// The last layers of s and t start at 0, so that the coupling starts as the identity (Kingma and Dhariwal 2018,
  /// section 3.3).
  public func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) throws -> [[Float]] {
    try (0..<2).flatMap { _ in
      var parameters = try Network(conditioner(inputWidth), using: &generator).parameters
      for index in parameters.indices.suffix(2) {
        parameters[index] = [Float](repeating: 0, count: parameters[index].count)
      }
      return parameters
    }
  }

  public func layer(inputWidth: Int, parameters: [[Float]]) throws -> any Layer {
    var rest = parameters[...]
    let scale = try Network(conditioner(inputWidth)) { _, _ in rest.removeFirst() }
    let shift = try Network(conditioner(inputWidth)) { _, _ in rest.removeFirst() }
    return AffineCoupling(self, inputWidth: inputWidth, scale: scale, shift: shift)
  }
}
