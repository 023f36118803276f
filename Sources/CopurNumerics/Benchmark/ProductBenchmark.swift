internal import COpenBLAS

/// Times of matrix products by this project's kernels and by OpenBLAS's, in turn, on one core.
public struct ProductBenchmark: Sendable {
  /// The sizes of a product, and which of its factors are transposed.
  public struct Shape: Sendable {
    /// The rows of op(a).
    public let rows: Int
    /// The columns of op(a), and the rows of op(b).
    public let depth: Int
    /// The columns of op(b).
    public let columns: Int
    /// The use of a: as it is, or transposed.
    public let aOperand: Matrix.Operand
    /// The use of b: as it is, or transposed.
    public let bOperand: Matrix.Operand

    /// - Parameters:
    ///   - rows: The rows of op(a), at least 1.
    ///   - depth: The columns of op(a), at least 1.
    ///   - columns: The columns of op(b), at least 1.
    public init(
      _ rows: Int, _ depth: Int, _ columns: Int, _ aOperand: Matrix.Operand = .plain,
      _ bOperand: Matrix.Operand = .plain
    ) {
      (self.rows, self.depth, self.columns) = (rows, depth, columns)
      (self.aOperand, self.bOperand) = (aOperand, bOperand)
    }

    /// Additions and multiplications of the product.
    public var operations: Double { 2 * Double(rows) * Double(depth) * Double(columns) }
  }

  /// The products of a training step on ten agents with embeddings 32 wide (forward, weights' gradient, inputs' gradient), of
  /// a batch through the manifold's networks, of single rows, and of an unfolded image.
  public static let shapes = [
    Shape(64, 52, 32), Shape(52, 64, 32, .transposed), Shape(64, 320, 64), Shape(320, 64, 64, .transposed),
    Shape(64, 64, 320, .plain, .transposed), Shape(256, 320, 200), Shape(256, 200, 320), Shape(1, 320, 200),
    Shape(16, 320, 64), Shape(2500, 320, 320), Shape(320, 2500, 320, .transposed), Shape(64, 784, 200),
    Shape(8192, 288, 32), Shape(8192, 576, 64),
  ]

  private let shape: Shape
  private let a: Matrix
  private let b: Matrix
  /// Products a measurement, so that it takes some milliseconds.
  private let count: Int

  /// - Parameter seed: Of the factors, which are normal.
  public init(_ shape: Shape, seed: UInt64 = 0) {
    self.shape = shape
    var generator = SeededGenerator(seed: seed, purpose: "factors")
    let a = generator.normalMatrix(rows: shape.rows, columns: shape.depth)
    let b = generator.normalMatrix(rows: shape.depth, columns: shape.columns)
    self.a = shape.aOperand == .plain ? a : a.transposed
    self.b = shape.bOperand == .plain ? b : b.transposed
    count = max(1, Int(1e9 / shape.operations))
  }

  /// Measures both once, one after the other.
  ///
  /// - Returns: Seconds a product.
  public func measure() -> (copur: Double, openBLAS: Double) {
    (seconds(product), seconds(libraryProduct))
  }

  private func seconds(_ body: () -> Matrix) -> Double {
    let start = ContinuousClock.now
    var sum: Float = 0
    for _ in 0..<count { sum += body().values[0] }
    let elapsed = start.duration(to: .now)
    precondition(!sum.isNaN)
    return elapsed / .seconds(1) / Double(count)
  }

  /// The product by this project's kernels.
  package func product() -> Matrix { Matrix.product(a, shape.aOperand, b, shape.bOperand) }

  /// The same product by OpenBLAS.
  package func libraryProduct() -> Matrix {
    OpenBLAS.useOneThread()
    return Matrix(rows: shape.rows, columns: shape.columns) { output in
      cblas_sgemm(
        CblasRowMajor, shape.aOperand == .plain ? CblasNoTrans : CblasTrans,
        shape.bOperand == .plain ? CblasNoTrans : CblasTrans, Int32(shape.rows), Int32(shape.columns),
        Int32(shape.depth), 1, a.values, Int32(a.columns), b.values, Int32(b.columns), 0, output.baseAddress,
        Int32(shape.columns))
    }
  }
}
