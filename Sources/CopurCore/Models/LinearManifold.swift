public import CopurNumerics

/// An affine subspace: D(z) = μ + zᵀV with orthonormal rows of V, E(l) = V·(l − μ).
public struct LinearManifold: AffineManifold, Hashable {
  /// The blocks of the D values of an embedding.
  public let layout: BlockLayout
  /// μ, D values.
  public let offset: [Float]
  /// V, [r, D].
  public let directions: Matrix
  /// The mean ‖l_i‖₂ of clean training embeddings, over their blocks.
  public let blockScale: Float
  private let directionsTransposed: Matrix

  /// - Parameters:
  ///   - offset: μ, D values.
  ///   - directions: V, [r, D]; its rows orthonormal, or E is not D's inverse.
  ///   - blockScale: The mean block norm of clean training embeddings.
  public init(layout: BlockLayout, offset: [Float], directions: Matrix, blockScale: Float) {
    precondition(offset.count == layout.totalWidth && directions.columns == layout.totalWidth)
    self.layout = layout
    self.offset = offset
    self.directions = directions
    self.blockScale = blockScale
    directionsTransposed = directions.transposed
  }

  /// The r directions of largest variance of clean embeddings (truncated singular value decomposition around the mean).
  ///
  /// - Parameters:
  ///   - embeddings: Clean training embeddings, [n, D].
  ///   - dimension: r, from 1 to D.
  /// - Throws: ``NumericsError`` if the embeddings are not finite.
  public init(fitting embeddings: Matrix, layout: BlockLayout, dimension: Int) throws {
    self = try LinearManifold.fits(embeddings, layout: layout, dimensions: [dimension])[0]
  }

  /// The same for several dimensions, from one decomposition.
  public static func fits(_ embeddings: Matrix, layout: BlockLayout, dimensions: [Int]) throws -> [LinearManifold] {
    let width = layout.totalWidth
    precondition(embeddings.columns == width && dimensions.allSatisfy { (1...width).contains($0) })
    let offset = embeddings.columnMeans
    var centred = embeddings
    centred.addToEachRow(offset.map { -$0 })
    let covariance = Matrix.product(centred, .transposed, centred)
    let eigen = try SymmetricEigen(of: covariance.values.map(Double.init), size: width)
    let scale = meanBlockNorm(embeddings, layout: layout)
    return dimensions.map { dimension in
      LinearManifold(
        layout: layout, offset: offset, directions: Matrix(eigen.vectors[..<dimension].map { $0.map(Float.init) }),
        blockScale: scale)
    }
  }

  /// r, the number of directions.
  public var codeWidth: Int { directions.rows }
  /// 0, which D takes to μ.
  public var centralCode: [Float] { [Float](repeating: 0, count: codeWidth) }

  /// E: (l − μ)·Vᵀ of each row, from [n, D] to [n, r].
  public func encode(_ embeddings: Matrix) -> Matrix {
    var centred = embeddings
    centred.addToEachRow(offset.map { -$0 })
    return Matrix.saturatingProduct(centred, directionsTransposed)
  }

  /// D: μ + z·V of each row, from [n, r] to [n, D].
  public func decode(_ codes: Matrix) -> Matrix {
    var embeddings = Matrix.saturatingProduct(codes, directions)
    embeddings.addToEachRow(offset)
    return embeddings
  }

  /// VᵀV·g: the projection is its own derivative.
  public func projectionGradient(_ gradient: Matrix, at embeddings: Matrix) -> Matrix {
    Matrix.saturatingProduct(Matrix.saturatingProduct(gradient, directionsTransposed), directions)
  }

  /// D of each row, [n, D], and g·Vᵀ.
  public func decodeWithPullback(_ codes: Matrix) -> (embeddings: Matrix, pullback: (Matrix) -> Matrix) {
    (decode(codes), { Matrix.saturatingProduct($0, directionsTransposed) })
  }

  /// D of each row, [n, D], and its Jacobian, which is V at every code: [n·r, D], r rows a code.
  public func decodeWithJacobians(_ codes: Matrix) -> (embeddings: Matrix, jacobians: Matrix) {
    var repeated: [Float] = []
    repeated.reserveCapacity(codes.rows * directions.values.count)
    for _ in 0..<codes.rows { repeated += directions.values }
    return (
      decode(codes), Matrix(rows: codes.rows * codeWidth, columns: layout.totalWidth, values: repeated)
    )
  }
}

extension LinearManifold {
  /// A linear manifold as scenarios set it: its dimension is all there is to say.
  public struct Settings: ManifoldKind {
    public static var entry: KindEntry<any ManifoldKind> {
      KindEntry("linear", "A linear subspace of the embeddings.", Settings())
    }

    public init() {}

    public var kind: String { "linear" }

    public func learn(
      _ embeddings: Matrix, layout: BlockLayout, code: Int, batch: Int, seed: UInt64,
      report: (_ epoch: Int, _ epochs: Int, _ loss: Float) -> Void
    ) throws -> any Manifold {
      try LinearManifold(fitting: embeddings, layout: layout, dimension: code)
    }
  }
}

extension ManifoldKind where Self == LinearManifold.Settings {
  /// A linear subspace of the embeddings.
  public static var linear: Self { Self() }
}

extension LinearManifold: BundlePart {
  public static let kind = "linear-manifold"

  public init(from reader: PartReader) throws {
    let width = reader.roster.layout.totalWidth
    self.init(
      layout: reader.roster.layout, offset: try reader.vector("offset", count: width),
      directions: try reader.matrix("directions", columns: width),
      blockScale: try reader.vector("block_scale", count: 1)[0])
  }

  public func write(to writer: inout PartWriter) {
    writer.write(offset, "offset")
    writer.write(directions, "directions")
    writer.write([blockScale], "block_scale")
  }
}
