internal import CopurLearning
package import CopurNumerics

/// A batch of which a share is attacked, in equal parts by four attacks on the bare classifier (CARSO, section 4.4).
///
/// With PGD alone clean pictures came out poorly, and weaker attacks got through (appendix C).
public struct BalancedBatch: Hashable, Sendable {
  /// An attack on a part of a batch.
  public enum Part: String, Hashable, Sendable, Codable, CaseIterable {
    /// One step of ε/2.
    case singleStepHalf = "FGSM ε/2"
    /// One step of ε.
    case singleStep = "FGSM ε"
    /// PGD with ε/2.
    case iteratedHalf = "PGD ε/2"
    /// PGD with ε.
    case iterated = "PGD ε"

    /// The share of ε.
    var radiusShare: Float { self == .singleStepHalf || self == .iteratedHalf ? 0.5 : 1 }
  }

  /// The number of pictures of a batch.
  public let size: Int
  /// The number of pictures of each attack, in the order of ``Part``'s cases. The rest stays as it is.
  public let counts: [Int]

  /// A share is rounded up for each attack: with a small share of a small batch an attack would otherwise get no
  /// picture at all, as in the reference code's largest scenario.
  ///
  /// - Parameters:
  ///   - size: At least 4.
  ///   - share: The share of the batch that is attacked, from 0 to 1; with 0 nothing is.
  public init(size: Int, share: Double) {
    let parts = Part.allCases.count
    precondition(size >= parts && (0...1).contains(share))
    // Less a rounding error, so that a quarter of 0.15 · 80 is 3 and not the next number.
    let wanted = Int((share * Double(size) / Double(parts) - 1e-9).rounded(.up))
    self.size = size
    counts = [Int](repeating: min(max(0, wanted), size / parts), count: parts)
  }

  /// The number of pictures that are attacked.
  public var attacked: Int { counts.reduce(0, +) }

  /// The batch with its first pictures attacked, which in a shuffled batch are any.
  ///
  /// - Parameters:
  ///   - pictures: [size, d], from 0 to 1.
  ///   - labels: The right class of each.
  ///   - radius: ε.
  ///   - steps: Of PGD, at least 1.
  package func attack(
    _ pictures: Matrix, labels: [Int], radius: Float, steps: Int, on classifier: PictureClassifier, seed: UInt64
  ) throws -> Matrix {
    precondition(pictures.rows == size)
    let radii = zip(Part.allCases, counts).flatMap { part, count in
      [Float](repeating: radius * part.radiusShare, count: count)
    }
    let objective = AttackObjective(.meanLogit, .crossEntropy)
    let iterated = SignAscent(objective, steps: steps, keepsBest: false)
    let half = counts[0] + counts[1]
    var result = pictures
    for (range, attack) in [(0..<half, SignAscent.single(objective)), (half..<attacked, iterated)] where !range.isEmpty
    {
      let moved = try attack.search(
        PictureBall(pictures.selecting(rows: range), radii: Array(radii[range])), labels: Array(labels[range]),
        numbers: Array(range), against: classifier, seed: seed)
      for (place, row) in range.enumerated() { result[row: row] = moved[row: place] }
    }
    return result
  }
}
