public import CopurCore
public import CopurNumerics

extension EmbeddingProfile {
  /// Directions along which clean embeddings vary less than this, relative to the first, are outside the subspace.
  private static let relativeSpread = 0.01
  /// The in-sample quantile that is a score of 1.
  private static let unitQuantile = 0.99

  /// The profile of an agent's clean embeddings.
  ///
  /// Centre and spreads are quantiles, which a few odd rows do not move; the spread of a direction is a quarter of what
  /// holds 95 % of the rows, because a spread from the median deviation is 0 for features that seldom change.
  ///
  /// - Parameter blocks: Clean training embeddings of one agent, [n, d_i]; n at least 1.
  /// - Throws: `NumericsError` if they are not finite.
  public init(fitting blocks: Matrix) throws {
    precondition(blocks.rows > 0)
    let width = blocks.columns
    let columns = blocks.transposed
    let centre = (0..<width).map { Float(Self.quantile(columns[row: $0], 0.5)) }
    var centred = blocks
    centred.addToEachRow(blocks.columnMeans.map { -$0 })
    let eigen = try SymmetricEigen(
      of: Matrix.product(centred, .transposed, centred).values.map(Double.init), size: width)
    let floor = eigen.values[0] * Self.relativeSpread * Self.relativeSpread
    let kept = max(1, eigen.values.count { $0 > floor })
    let axes = Matrix(eigen.vectors[..<kept].map { $0.map(Float.init) })
    var fromMedian = blocks
    fromMedian.addToEachRow(centre.map { -$0 })
    let parts = Matrix.product(axes, .plain, fromMedian, .transposed)
    let spreads = (0..<kept).map { axis in
      (Self.quantile(parts[row: axis], 0.975) - Self.quantile(parts[row: axis], 0.025)) / 4
    }
    let widest = max(spreads.max() ?? 0, 1e-6)
    let draft = EmbeddingProfile(
      centre: centre, axes: axes, scales: spreads.map { Float(max($0, Self.relativeSpread * widest)) },
      units: [1, 1, 1])
    let measures = (0..<blocks.rows).map { draft.measures(of: blocks[row: $0]) }
    let norm = max(Self.quantile(measures.map(\.norm), Self.unitQuantile), 1e-6)
    let within = max(Self.quantile(measures.map(\.within), Self.unitQuantile), 1)
    // Outside an exact subspace clean embeddings have rounding errors alone, which are no unit to measure by.
    let outside = max(Self.quantile(measures.map(\.outside), Self.unitQuantile), 1e-3 * norm)
    self.init(
      centre: centre, axes: axes, scales: draft.scales, units: [norm, within, outside].map(Float.init))
  }

  private static func quantile(_ values: some Collection<some BinaryFloatingPoint>, _ rate: Double) -> Double {
    Double(values.sorted()[min(values.count - 1, Int(rate * Double(values.count)))])
  }

  /// A profile for each agent.
  ///
  /// - Parameter clean: Clean training embeddings; an agent's profile is of the samples that it was heard of. One that was
  ///   never heard has a profile that only 0 fits.
  /// - Throws: `NumericsError` if they are not finite.
  public static func fitting(_ clean: Observation) throws -> [EmbeddingProfile] {
    try (0..<clean.layout.count).map { block in
      let blocks = clean.embeddings.columns(clean.layout[block])
      let heard = clean.samples(observing: block)
      if heard.isEmpty { return try EmbeddingProfile(fitting: Matrix(rows: 1, columns: blocks.columns)) }
      return try EmbeddingProfile(fitting: heard.count == clean.samples ? blocks : blocks.selecting(rows: heard))
    }
  }

  /// The same of samples that every agent was heard of.
  ///
  /// - Parameter embeddings: Clean training embeddings, [n, D].
  public static func fitting(_ embeddings: Matrix, layout: BlockLayout) throws -> [EmbeddingProfile] {
    try fitting(Observation(layout: layout, embeddings: embeddings))
  }
}
