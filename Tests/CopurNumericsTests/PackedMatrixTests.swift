import CopurNumerics
import Testing

@Suite("PackedMatrix")
struct PackedMatrixTests {
  @Test("products have the bits of a matrix's product, whatever the company", arguments: [(1, 1), (7, 33), (200, 320)])
  func products(shape: (rows: Int, columns: Int)) {
    var generator = SeededGenerator(seed: 5)
    let matrix = generator.normalMatrix(rows: shape.rows, columns: shape.columns)
    let left = generator.normalMatrix(rows: 21, columns: shape.rows)
    let packed = PackedMatrix(matrix)
    let expected = Matrix.product(left, matrix)
    var alone = [Float](repeating: 0, count: packed.paddedColumns)
    for count in 1...21 {
      var product = [Float](repeating: 0, count: count * packed.paddedColumns)
      packed.multiply(left.values, stride: shape.rows, count: count, into: &product)
      for row in 0..<count {
        packed.multiply(Array(left[row: row]), stride: shape.rows, count: 1, into: &alone)
        #expect(Array(product[row * packed.paddedColumns..<(row + 1) * packed.paddedColumns]) == alone)
        for column in 0..<shape.columns { #expect(alone[column] == expected[row, column]) }
      }
    }
  }
}
