public import CopurNumerics

/// The clean embeddings of one agent in a few numbers: how long they are, and how they vary in their principal subspace.
public struct EmbeddingProfile: Hashable, Sendable {
  /// The median of each column, d_i values.
  public let centre: [Float]
  /// The principal directions of clean embeddings, orthonormal: [k, d_i].
  public let axes: Matrix
  /// The robust spread along each direction, k values over 0.
  public let scales: [Float]
  /// Divisors of the three measures of ``score(_:)``: of norm, distance within and distance from the subspace; over 0.
  public let units: [Float]
  /// ``axes`` in double precision, as ``measures(of:)`` sums.
  private let wideAxes: [Double]

  /// - Precondition: The shapes are those of the properties; `units` has three values.
  public init(centre: [Float], axes: Matrix, scales: [Float], units: [Float]) {
    precondition(axes.columns == centre.count && axes.rows == scales.count && units.count == 3)
    self.centre = centre
    self.axes = axes
    self.scales = scales
    self.units = units
    wideAxes = axes.values.map(Double.init)
  }

  /// The distance of a block from clean ones: the largest of its norm, its distance from the centre within the principal
  /// subspace (each direction by its own spread) and its distance from that subspace, in ``units``.
  ///
  /// - Parameter block: h_i, finite.
  public func score(_ block: ArraySlice<Float>) -> Float { block.withUnsafeBufferPointer(score) }

  /// The distance from clean blocks of one that lies in memory of the caller; see ``score(_:)``.
  package func score(_ block: UnsafeBufferPointer<Float>) -> Float {
    let (norm, within, outside) = measures(of: block)
    let score = max(norm / Double(units[0]), within / Double(units[1]), outside / Double(units[2]))
    return Float(min(score, Double(Float.greatestFiniteMagnitude)))
  }

  /// Norm, distance within and distance from the subspace, not yet in units.
  package func measures(of block: ArraySlice<Float>) -> (norm: Double, within: Double, outside: Double) {
    block.withUnsafeBufferPointer(measures)
  }

  private func measures(
    of block: UnsafeBufferPointer<Float>
  ) -> (norm: Double, within: Double, outside: Double) {
    precondition(block.count == centre.count)
    let squares = centre.withUnsafeBufferPointer { centre in
      wideAxes.withUnsafeBufferPointer { axes in
        scales.withUnsafeBufferPointer { scales in
          VectorKernels.profileMeasures(
            block.baseAddress!, centre: centre.baseAddress!, axes: axes.baseAddress!, scales: scales.baseAddress!,
            rank: scales.count, count: block.count)
        }
      }
    }
    return (squares.norm.squareRoot(), squares.within.squareRoot(), squares.outside.squareRoot())
  }
}
