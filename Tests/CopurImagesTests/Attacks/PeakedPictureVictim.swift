import CopurImages
import CopurNumerics

/// Logits 0 and −‖x − p‖²: the margin of class 1 is largest at the picture's peak p.
struct PeakedPictureVictim: PictureVictim {
  /// p of the picture of each number.
  let peaks: Matrix

  var classes: Int { 2 }
  var draws: Int { 1 }
  var isRandom: Bool { false }

  func logits(of pictures: Matrix, numbers: [Int], passes: Int, seed: UInt64) -> Matrix {
    Matrix(
      numbers.indices.map { row in
        [0, -zip(pictures[row: row], peaks[row: numbers[row]]).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }]
      })
  }

  func gradient(
    of pictures: Matrix, numbers: [Int], passes: Int, seed: UInt64,
    loss: (Matrix) -> (values: [Float], slopes: Matrix)
  ) -> (values: [Float], gradient: Matrix) {
    let (values, slopes) = loss(logits(of: pictures, numbers: numbers, passes: passes, seed: seed))
    var gradient = pictures
    for (row, number) in numbers.enumerated() {
      for column in 0..<pictures.columns {
        gradient[row, column] = -2 * slopes[row, 1] * (pictures[row, column] - peaks[number, column])
      }
    }
    return (values, gradient)
  }
}
