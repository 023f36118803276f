internal import CopurLearning
public import CopurNumerics

/// A classifier as an attacker on pixels sees it: pictures in, classes out.
public struct PixelVictim: Sendable {
  /// Takes pictures, [n, numbers]; returns a class a row, nil where it abstains. The class of a row depends on that row
  /// alone.
  public let decide: @Sendable (_ pictures: Matrix) throws -> [Int?]

  /// - Parameter decide: Takes pictures, [n, numbers]; returns a class a row, nil where it abstains. The class of a row
  ///   depends on that row alone.
  public init(decide: @escaping @Sendable (_ pictures: Matrix) throws -> [Int?]) { self.decide = decide }
}

extension PixelPartition {
  /// The partition as an attacker sees it.
  public func victim(by rule: Rule) -> PixelVictim { PixelVictim { predictions($0, by: rule) } }
}

extension AblatedPixels {
  /// The vote as an attacker on one picture sees it: the same sets of kept pixels in every evaluation, so that an answer
  /// depends on the picture alone.
  ///
  /// The attacker may fit its change to these sets. Whether the change also fools others is for a victim of another seed to
  /// say, the judge of ``PointwiseAttack``.
  ///
  /// - Parameters:
  ///   - draws: How many votes an evaluation has; the paper has 10,000.
  ///   - seed: Sets of kept pixels follow from it, the picture's number and the draw's.
  ///   - number: The picture's number.
  ///   - alpha: α of the test of the two highest counts, below which it abstains.
  public func victim(draws: Int, seed: UInt64, number: Int, alpha: Double = 0.05, batch: Int = 1000) -> PixelVictim {
    PixelVictim { pictures in
      try (0..<pictures.rows).map { row in
        try Task.checkCancellation()
        return PixelVotes.prediction(
          votes(pictures, row: row, number: number, draws: 0..<draws, seed: seed, batch: batch), alpha: alpha)
      }
    }
  }
}
