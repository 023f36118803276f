import CopurNumerics
import Testing

@Suite("Matrix")
struct MatrixTests {
  let a = Matrix([[1, 2, 3], [4, 5, 6]])
  let b = Matrix([[1, 0], [0, 2], [3, -1]])

  @Test("products with and without transposes equal the sums written out")
  func products() {
    #expect(Matrix.product(a, b) == Matrix([[10, 1], [22, 4]]))
    #expect(Matrix.product(a, .transposed, a) == Matrix([[17, 22, 27], [22, 29, 36], [27, 36, 45]]))
    #expect(Matrix.product(a, .plain, a, .transposed) == Matrix([[14, 32], [32, 77]]))
    #expect(Matrix.product(b, .transposed, a, .transposed) == Matrix([[10, 22], [1, 4]]))
  }

  @Test("a product can be scaled and added to what is there, and replaces even NaN when nothing is kept")
  func accumulation() {
    var result = Matrix([[1, 1], [1, 1]])
    result.setProduct(a, .plain, b, scale: 2, keep: 10)
    #expect(result == Matrix([[30, 12], [54, 18]]))
    result = Matrix(rows: 2, columns: 2, repeating: .nan)
    result.setProduct(a, .plain, b)
    #expect(result == Matrix([[10, 1], [22, 4]]))
  }

  @Test("columns are taken out and put back")
  func columnRanges() {
    #expect(a.columns(1..<3) == Matrix([[2, 3], [5, 6]]))
    var changed = a
    changed.replaceColumns(0..<2, with: Matrix([[7, 8], [9, 10]]))
    #expect(changed == Matrix([[7, 8, 3], [9, 10, 6]]))
    #expect(a.transposed == Matrix([[1, 4], [2, 5], [3, 6]]))
    #expect(a.columnMeans == [2.5, 3.5, 4.5])
    #expect(a.columnSums == [5, 7, 9])
  }

  /// Verdicts may not depend on which rounds happened to be ready together.
  @Test("a row of a tiled product is bit-equal whatever it is batched with", arguments: [UInt64](0..<8))
  func tiledProductIsBatchInvariant(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let weights = generator.normalMatrix(rows: 321, columns: 17)
    let rows = generator.normalMatrix(rows: 37, columns: 321)
    let together = Matrix.tiledProduct(rows, weights)
    for row in 0..<rows.rows {
      let alone = Matrix.tiledProduct(rows.selecting(rows: [row]), weights)
      #expect(Array(together[row: row]) == alone.values, "row \(row), seed \(seed)")
    }
    let plain = Matrix.product(rows, weights)
    #expect(zip(plain.values, together.values).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test("finite rows have finite products, saturated where Float ends; a row that is not finite stays so")
  func saturation() {
    let huge = Float.greatestFiniteMagnitude
    let product = Matrix.tiledProduct(
      Matrix([[huge, huge], [huge, -huge], [1, 2], [.infinity, 1]]), Matrix([[2, 1], [2, 0]]))
    #expect(Array(product[row: 0]) == [huge, huge])
    // In single precision this is ∞ − ∞.
    #expect(Array(product[row: 1]) == [0, huge])
    #expect(Array(product[row: 2]) == [6, 1])
    #expect(!product[3, 0].isFinite)
  }
}
