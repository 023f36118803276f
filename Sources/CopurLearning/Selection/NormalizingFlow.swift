public import CopurNumerics

/// A normalising flow of affine couplings, whose doubt about a row is −log of its density (Liu, thesis, chapter 3,
/// Algorithm 2).
///
/// With a spectral limit and rows left out it is RobustRealNVP, without the limit TrimRealNVP, without both RealNVP.
public struct NormalizingFlow: SelectableModel {
  /// A flow's shape.
  public struct Shape: Hashable, Sendable {
    /// The number of couplings, with halves that alternate; at least 1.
    public var couplings = 6
    /// The width of the hidden layers of s and t; at least 1.
    public var hidden = 256
    /// The largest singular value of the layers of s and t; nil for any.
    public var spectralLimit: Float?

    /// The shape of the thesis's code, without a limit.
    public init() {}
  }

  /// The rows, [n, d].
  private let inputs: Matrix
  /// From rows to the standard normal.
  public private(set) var network: Network
  private var optimizer: Optimizer

  /// - Parameters:
  ///   - inputs: [n, d], d at least 2.
  ///   - generator: Gives the first weights.
  /// - Throws: ``ArchitectureError`` if the shape is none.
  public init(_ shape: Shape, inputs: Matrix, optimizer: Optimizer, using generator: inout SeededGenerator) throws {
    self.inputs = inputs
    self.optimizer = optimizer
    network = try Network(
      Architecture(
        inputWidth: inputs.columns,
        layers: (0..<shape.couplings).map { index in
          .init(
            "coupling-\(index + 1)",
            AffineCouplingSpecification(
              hidden: shape.hidden, keepsFirst: index % 2 == 0, spectralLimit: shape.spectralLimit))
        }), using: &generator)
  }

  /// The number of rows that are scored at a time, so that what a pass keeps stays near the processor.
  private static let chunk = 256

  /// −log of the density of rows, n values.
  public func negativeLogDensities(_ rows: Matrix) -> [Float] {
    stride(from: 0, to: rows.rows, by: Self.chunk).flatMap { start in
      let part = rows.selecting(rows: start..<min(start + Self.chunk, rows.rows))
      return Self.losses(network.trace(part), of: network)
    }
  }

  private static func losses(_ trace: Network.Trace, of network: Network) -> [Float] {
    let determinants = network.logDeterminants(trace)
    let constant = Float(trace.output.columns) / 2 * Float(logarithm(2 * Double.pi))
    return determinants.indices.map { row in
      let square = trace.output[row: row].reduce(0.0) { $0 + Double($1 * $1) }
      return Float(square / 2) + constant - determinants[row]
    }
  }

  public func doubts(about rows: [Int]) -> [Float] { negativeLogDensities(inputs.selecting(rows: rows)) }

  public mutating func step(on rows: [Int], seed: UInt64) -> Float {
    step(onLeastDoubted: rows.count, of: rows, seed: seed)
  }

  /// One pass serves both: nothing in it is random.
  public mutating func step(onLeastDoubted kept: Int, of rows: [Int], seed: UInt64) -> Float {
    let trace = network.trace(inputs.selecting(rows: rows), in: .training(seed: seed))
    let losses = Self.losses(trace, of: network)
    let chosen = RowSelection.least(losses, kept: kept)
    var weights = [Float](repeating: 0, count: rows.count)
    for row in chosen { weights[row] = 1 / Float(chosen.count) }
    var slope = trace.output
    for row in 0..<slope.rows {
      for column in 0..<slope.columns { slope[row, column] *= weights[row] }
    }
    let gradient = network.backward(trace, outputGradient: slope, logDeterminantGradient: weights.map { -$0 })
    network.update(by: gradient.parameters, with: &optimizer)
    return chosen.reduce(0) { $0 + losses[$1] } / Float(chosen.count)
  }
}
