internal import CCopurKernels

/// A matrix laid out for many products with few rows from the left, as an iterative solver needs them.
///
/// Unlike a BLAS, which picks other kernels for other shapes, a row of the product is the same, bit for bit, whatever the
/// number of rows that it comes with; a product with one row reads the matrix once, without overhead.
public final class PackedMatrix: Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The columns filled up with zeros to a multiple of 16: the floats in a row of a product.
  public let paddedColumns: Int
  private let panels: AlignedFloats

  /// - Parameters:
  ///   - matrix: What to lay out.
  ///   - operand: `.transposed` to lay out its transpose.
  public init(_ matrix: Matrix, _ operand: Matrix.Operand = .plain) {
    let source = operand == .plain ? matrix : matrix.transposed
    rows = source.rows
    columns = source.columns
    let panel = Int(COPUR_PANEL)
    let count = (source.columns + panel - 1) / panel
    paddedColumns = count * panel
    panels = AlignedFloats(count: count * panel * source.rows) { floats in
      for row in 0..<source.rows {
        for column in 0..<source.columns {
          floats[(column / panel * source.rows + row) * panel + column % panel] = source[row, column]
        }
      }
    }
  }

  /// Sets output to left·self, [count, paddedColumns]; nothing is allocated.
  ///
  /// - Parameters:
  ///   - left: [count, rows], each row `stride` floats after the one before.
  ///   - count: The number of rows.
  ///   - output: Room for count · paddedColumns floats.
  public func multiply(
    _ left: UnsafePointer<Float>, stride: Int, count: Int, into output: UnsafeMutablePointer<Float>
  ) {
    copur_panel_product(
      left, stride, count, panels.start, rows, paddedColumns / COPUR_PANEL, output)
  }
}
