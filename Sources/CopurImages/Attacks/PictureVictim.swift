public import CopurNumerics

/// A classifier of pictures as an attacker sees it who knows everything about it but the random numbers that it will
/// draw.
///
/// Draws follow from a seed, the picture's number and the draw's number alone, so that a picture has the same ones in
/// any batch.
public protocol PictureVictim: Sendable {
  /// The number of classes, at least 2.
  var classes: Int { get }
  /// The number of draws of one prediction; 1 for a classifier that draws nothing.
  var draws: Int { get }
  /// Whether two predictions of one picture may differ.
  var isRandom: Bool { get }

  /// The logits of every draw.
  ///
  /// - Parameters:
  ///   - pictures: [n, d], from 0 to 1.
  ///   - numbers: The number of each picture, n of them.
  ///   - passes: For how many predictions of each picture to draw; at least 1.
  ///   - seed: What draws follow from.
  /// - Returns: [n · passes · draws, classes], the draws of a picture one after the other.
  func logits(of pictures: Matrix, numbers: [Int], passes: Int, seed: UInt64) -> Matrix

  /// A loss of the logits, and its gradient by the pictures.
  ///
  /// - Parameters:
  ///   - pictures: [n, d], from 0 to 1.
  ///   - numbers: The number of each picture, n of them.
  ///   - passes: For how many predictions of each picture to draw; at least 1.
  ///   - seed: What draws follow from.
  ///   - loss: Takes what ``logits(of:numbers:passes:seed:)`` would return; gives a value a picture, and ∂(sum of the
  ///     values)/∂logits.
  /// - Returns: The values, n of them, and ∂(each picture's value)/∂(the picture), [n, d].
  func gradient(
    of pictures: Matrix, numbers: [Int], passes: Int, seed: UInt64,
    loss: (Matrix) -> (values: [Float], slopes: Matrix)
  ) -> (values: [Float], gradient: Matrix)
}

extension PictureVictim {
  /// The class of each picture by the draws of one prediction, n of them: the largest Σ exp(logit) over the draws,
  /// which with one draw is the largest logit.
  public func predictions(of pictures: Matrix, numbers: [Int], seed: UInt64) -> [Int] {
    var labels: [Int] = []
    for chunk in PictureChunks.ranges(pictures.rows, rowsOfEach: draws) {
      let logits = logits(
        of: pictures.selecting(rows: chunk), numbers: Array(numbers[chunk]), passes: 1, seed: seed)
      labels += CARSO.predictions(of: logits, draws: draws)
    }
    return labels
  }
}

extension SeededGenerator {
  /// A seed for a part of the work under a seed.
  static func seed(under seed: UInt64, for purpose: String) -> UInt64 {
    var generator = SeededGenerator(seed: seed, purpose: purpose)
    return generator.next()
  }
}
