public import CopurNumerics

/// A search, within a ``PictureBall``, for pictures that a ``PictureVictim`` gets wrong.
///
/// A picture's result follows from the seed and its number, whatever other pictures are attacked beside it. A search
/// keeps what had the largest objective, and begins with the picture as it is: where objectives are no numbers, nothing
/// is ever larger, and the picture comes back unmoved. That is a fault of the attack and no merit of the victim; see
/// ``Reevaluation``.
public protocol PictureAttack: Sendable {
  /// The number of predictions whose draws a step takes of each picture (expectation over transformation, Athalye et al.
  /// 2018).
  var passes: Int { get }

  /// Attacks pictures that fit into memory at once.
  ///
  /// - Parameters:
  ///   - ball: The pictures and how far they may be moved.
  ///   - labels: The right class of each, n of them.
  ///   - numbers: The number of each, n of them.
  ///   - seed: What random numbers follow from.
  /// - Returns: [n, d], within the ball.
  /// - Throws: `CancellationError` if the task is cancelled.
  func search(
    _ ball: PictureBall, labels: [Int], numbers: [Int], against victim: any PictureVictim, seed: UInt64
  ) throws -> Matrix
}

extension PictureAttack {
  /// Attacks any number of pictures.
  ///
  /// - Parameters:
  ///   - pictures: [n, d], from 0 to 1.
  ///   - labels: The right class of each, n of them.
  ///   - numbers: The number of each, n of them.
  ///   - radius: ε, 0 or more.
  ///   - seed: What random numbers follow from.
  /// - Returns: [n, d].
  /// - Throws: `CancellationError` if the task is cancelled.
  public func attack(
    _ pictures: Matrix, labels: [Int], numbers: [Int], radius: Float, against victim: any PictureVictim, seed: UInt64
  ) throws -> Matrix {
    precondition(labels.count == pictures.rows && numbers.count == pictures.rows)
    var values: [Float] = []
    values.reserveCapacity(pictures.values.count)
    for chunk in PictureChunks.ranges(pictures.rows, rowsOfEach: passes * victim.draws) {
      let ball = PictureBall(pictures.selecting(rows: chunk), radius: radius)
      values +=
        try search(
          ball, labels: Array(labels[chunk]), numbers: Array(numbers[chunk]), against: victim, seed: seed
        ).values
    }
    return Matrix(rows: pictures.rows, columns: pictures.columns, values: values)
  }
}
