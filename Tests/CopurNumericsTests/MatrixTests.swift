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

  /// The product as it is defined: each element one sum over the depth in order, rounded once a term.
  private static func defined(_ a: Matrix, _ b: Matrix) -> Matrix {
    var product = Matrix(rows: a.rows, columns: b.columns)
    for row in 0..<a.rows {
      for column in 0..<b.columns {
        for index in 0..<a.columns { product[row, column].addProduct(a[row, index], b[index, column]) }
      }
    }
    return product
  }

  /// Verdicts may not depend on which rounds happened to be ready together, nor models on the processor. A BLAS gave 26 % of
  /// rows other bits alone than in a batch.
  @Test(
    "a product has the bits of its definition, transposed or not, in every shape of tile, panel and part of the depth",
    .enabled(if: ComputeKernel.hasFMA), arguments: [Matrix.Operand.plain, .transposed],
    [Matrix.Operand.plain, .transposed])
  func bits(aOperand: Matrix.Operand, bOperand: Matrix.Operand) {
    var generator = SeededGenerator(seed: 11)
    let shapes = [
      (1, 1, 1), (1, 40, 160), (2, 3, 16), (3, 7, 17), (4, 64, 2), (5, 33, 70), (6, 9, 31), (7, 320, 48), (8, 1, 5),
      (37, 321, 19), (64, 511, 33), (9, 512, 16), (16, 513, 33), (3, 1100, 35),
    ]
    for (rows, depth, columns) in shapes {
      let left = generator.normalMatrix(rows: rows, columns: depth)
      let right = generator.normalMatrix(rows: depth, columns: columns)
      let product = Matrix.product(
        aOperand == .plain ? left : left.transposed, aOperand, bOperand == .plain ? right : right.transposed, bOperand)
      #expect(product == Self.defined(left, right), "\(rows) × \(depth) × \(columns)")
    }
  }

  @Test("a product of nothing is nothing, and one over nothing is 0")
  func emptyProducts() {
    #expect(Matrix.product(Matrix(rows: 0, columns: 3), Matrix(rows: 3, columns: 2)).values.isEmpty)
    #expect(Matrix.product(Matrix(rows: 2, columns: 3), Matrix(rows: 3, columns: 0)).values.isEmpty)
    #expect(Matrix.product(Matrix(rows: 2, columns: 0), Matrix(rows: 0, columns: 2)).values == [0, 0, 0, 0])
  }

  @Test("finite rows have finite products, saturated where Float ends; a row that is not finite stays so")
  func saturation() {
    let huge = Float.greatestFiniteMagnitude
    let product = Matrix.saturatingProduct(
      Matrix([[huge, huge], [huge, -huge], [1, 2], [.infinity, 1]]), Matrix([[2, 1], [2, 0]]))
    #expect(Array(product[row: 0]) == [huge, huge])
    // In single precision this is ∞ − ∞.
    #expect(Array(product[row: 1]) == [0, huge])
    #expect(Array(product[row: 2]) == [6, 1])
    #expect(!product[3, 0].isFinite)
  }

  @Test(
    "a product that cores share, block by block, has the bits of one row at a time",
    arguments: [Matrix.Operand.plain, .transposed], [Matrix.Operand.plain, .transposed])
  func largeProducts(left: Matrix.Operand, right: Matrix.Operand) {
    // More than a block deep and wide, with a rest in each direction, and enough of it for several cores.
    let (rows, depth, columns) = (150, 1301, 531)
    var generator = SeededGenerator(seed: 9)
    let a = generator.normalMatrix(rows: rows, columns: depth)
    let b = generator.normalMatrix(rows: depth, columns: columns)
    let product = Matrix.product(
      left == .plain ? a : a.transposed, left, right == .plain ? b : b.transposed, right)
    for row in [0, 1, 63, 64, 149] {
      #expect(Matrix.product(a.selecting(rows: [row]), b).values == Array(product[row: row]))
      for column in [0, 255, 256, 511, 512, 530] {
        let sum = (0..<depth).reduce(0.0) { $0 + Double(a[row, $1]) * Double(b[$1, column]) }
        #expect(abs(Double(product[row, column]) - sum) < 1e-3)
      }
    }
  }

  @Test("rows are selected in the order of their numbers, also twice", arguments: [0, 1, 3, 16, 50])
  func selection(columns: Int) {
    let matrix = Matrix(rows: 7, columns: columns, values: (0..<7 * columns).map { Float($0) })
    for numbers in [[], [6], [3, 0, 6, 3]] {
      let selected = matrix.selecting(rows: numbers)
      #expect(selected == Matrix(rows: numbers.count, columns: columns, values: numbers.flatMap { matrix[row: $0] }))
    }
  }

  @Test("a step with momentum that cores share is that of each parameter")
  func largeMomentum() {
    let count = 1_100_003
    var parameters = (0..<count).map { Float($0 % 97) }
    var velocity = (0..<count).map { Float($0 % 13) - 6 }
    let gradient = (0..<count).map { Float($0 % 29) / 7 }
    let (before, speed) = (parameters, velocity)
    VectorKernels.momentum(&parameters, velocity: &velocity, gradient: gradient, decay: 0.5, rate: 0.25)
    let isRight = (0..<count).allSatisfy { index in
      let next = 0.5 * speed[index] + gradient[index]
      return velocity[index] == next && parameters[index] == before[index] - 0.25 * next
    }
    #expect(isRight)
  }
}
