public import CopurNumerics

/// The number of times that each of some pictures is predicted right, over several predictions with draws of their own.
///
/// One prediction is a single throw where the victim draws: a picture that is wrong in one of ten is not robust.
public struct Reevaluation: Hashable, Sendable {
  /// Figures over pictures.
  public struct Figures: Hashable, Sendable, Codable {
    /// The share of right predictions.
    public var mean: Double
    /// The share of pictures that are right in more than half of the predictions.
    public var majority: Double
    /// The share of pictures that are right in all predictions.
    public var worst: Double

    public init(mean: Double, majority: Double, worst: Double) {
      self.mean = mean
      self.majority = majority
      self.worst = worst
    }
  }

  /// The number of predictions of each picture.
  public let predictions: Int
  /// The number of right predictions, one a picture.
  public let right: [Int]

  /// - Parameters:
  ///   - predictions: At least 1.
  ///   - right: From 0 to that.
  public init(predictions: Int, right: [Int]) {
    precondition(predictions >= 1 && right.allSatisfy { (0...predictions).contains($0) })
    self.predictions = predictions
    self.right = right
  }

  /// Predicts pictures several times.
  ///
  /// - Parameters:
  ///   - pictures: [n, d], from 0 to 1.
  ///   - labels: The right class of each, n of them.
  ///   - numbers: The number of each, n of them.
  ///   - predictions: At least 1; a victim that draws nothing is asked once.
  ///   - seed: Not one that an attack has used.
  /// - Throws: `CancellationError` if the task is cancelled.
  public init(
    of victim: any PictureVictim, pictures: Matrix, labels: [Int], numbers: [Int], predictions: Int, seed: UInt64
  ) throws {
    precondition(predictions >= 1)
    var right = [Int](repeating: 0, count: pictures.rows)
    for prediction in 0..<(victim.isRandom ? predictions : 1) {
      try Task.checkCancellation()
      let seed = SeededGenerator.seed(under: seed, for: "re-evaluation \(prediction)")
      let predicted = victim.predictions(of: pictures, numbers: numbers, seed: seed)
      for row in right.indices where predicted[row] == labels[row] { right[row] += 1 }
    }
    self.init(predictions: victim.isRandom ? predictions : 1, right: right)
  }

  /// The figures; 0 without pictures.
  public var figures: Figures {
    let count = Double(max(1, right.count))
    return Figures(
      mean: Double(right.reduce(0, +)) / Double(predictions) / count,
      majority: Double(right.count { 2 * $0 > predictions }) / count,
      worst: Double(right.count { $0 == predictions }) / count)
  }

  /// The worst of several for each picture by itself: an attacker who chooses among the attacks for each picture.
  ///
  /// - Precondition: All have as many pictures and predictions; at least one.
  public static func worst(of all: [Reevaluation]) -> Reevaluation {
    precondition(!all.isEmpty && all.allSatisfy { $0.predictions == all[0].predictions })
    return all.dropFirst().reduce(all[0]) { worst, next in
      precondition(next.right.count == worst.right.count)
      return Reevaluation(predictions: worst.predictions, right: zip(worst.right, next.right).map(min))
    }
  }
}
