import CopurImages
import CopurNumerics

/// Logits x·W, in each draw moved by normal noise: its worst picture is a corner that can be written down.
struct LinearPictureVictim: PictureVictim {
  /// W, [d, classes].
  let weights: Matrix
  let draws: Int
  /// The deviation of a draw's noise.
  var noise: Float = 0

  var classes: Int { weights.columns }
  var isRandom: Bool { noise > 0 }

  func logits(of pictures: Matrix, numbers: [Int], passes: Int, seed: UInt64) -> Matrix {
    let product = Matrix.product(pictures, weights)
    let count = passes * draws
    var logits = product.selecting(rows: (0..<pictures.rows * count).map { $0 / count })
    for (row, number) in numbers.enumerated() {
      var generator = SeededGenerator(seed: seed, purpose: "noise of picture \(number)")
      for draw in 0..<count {
        for label in 0..<classes { logits[row * count + draw, label] += noise * Float(generator.normal()) }
      }
    }
    return logits
  }

  func gradient(
    of pictures: Matrix, numbers: [Int], passes: Int, seed: UInt64,
    loss: (Matrix) -> (values: [Float], slopes: Matrix)
  ) -> (values: [Float], gradient: Matrix) {
    let (values, slopes) = loss(logits(of: pictures, numbers: numbers, passes: passes, seed: seed))
    let count = passes * draws
    var sums = Matrix(rows: pictures.rows, columns: classes)
    for row in 0..<slopes.rows {
      for label in 0..<classes { sums[row / count, label] += slopes[row, label] }
    }
    return (values, Matrix.product(sums, .plain, weights, .transposed))
  }

  /// Pictures from 0 to 1, some values near the edges, with the class that is right without an attack.
  static func pictures(_ count: Int, columns: Int, seed: UInt64) -> Matrix {
    var generator = SeededGenerator(seed: seed)
    var pictures = Matrix(rows: count, columns: columns)
    for index in pictures.values.indices { pictures.values[index] = min(max(generator.uniform(-0.2, 1.2), 0), 1) }
    return pictures
  }
}
