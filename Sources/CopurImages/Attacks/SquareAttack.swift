public import CopurLearning
public import CopurNumerics

/// The Square attack in ℓ∞ (Andriushchenko et al. 2020, Algorithms 1 and 2): without gradients, squares of a picture
/// are moved by ±2ε a channel and stay so where the objective grows.
///
/// All queries of a picture use the same draws, so that what is compared differs by the picture alone; judge the result
/// by other draws.
public struct SquareAttack: PictureAttack {
  /// The objective that queries make grow: the paper's margin, of the mean logit.
  public var objective: AttackObjective
  /// The pictures' extents.
  public var shape: ImageShape
  /// The number of times that each picture is tried; at least 1.
  public var queries: Int
  /// The share of a picture that the first squares cover, over 0, at most 1.
  public var firstShare: Double
  public var passes: Int

  /// - Parameters:
  ///   - queries: At least 1.
  ///   - passes: At least 1.
  public init(
    _ shape: ImageShape, queries: Int, objective: AttackObjective = AttackObjective(.meanLogit, .margin),
    firstShare: Double = 0.8, passes: Int = 1
  ) {
    precondition(queries >= 1 && passes >= 1 && firstShare > 0 && firstShare <= 1)
    self.shape = shape
    self.queries = queries
    self.objective = objective
    self.firstShare = firstShare
    self.passes = passes
  }

  /// The side of the square of a query: its area is halved where 10, 50, 200, 500, 1000, 2000, 4000, 6000 and 8000 of
  /// 10,000 queries are used up, as in the authors' code.
  ///
  /// - Parameter query: From 0.
  package func side(query: Int) -> Int {
    let progress = query * 10_000 / queries
    let halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000].count { progress > $0 }
    let area = firstShare / Double(1 << halvings) * Double(shape.rows * shape.columns)
    return min(max(Int(area.squareRoot().rounded()), 1), max(1, min(shape.rows, shape.columns) - 1))
  }

  public func search(
    _ ball: PictureBall, labels: [Int], numbers: [Int], against victim: any PictureVictim, seed: UInt64
  ) throws -> Matrix {
    precondition(ball.centers.columns == shape.count)
    let drawSeed = SeededGenerator.seed(under: seed, for: "draws of a square attack")
    func values(_ pictures: Matrix) -> [Float] {
      let logits = victim.logits(of: pictures, numbers: numbers, passes: passes, seed: drawSeed)
      return objective(logits, labels: labels, draws: victim.draws).values
    }
    var generators = numbers.map { SeededGenerator(seed: seed, purpose: "squares of picture \($0)") }
    let unmoved = BestPictures(ball.centers, values: values(ball.centers))
    var candidates = ball.centers
    for row in generators.indices {
      stripe(&candidates, row: row, radius: ball.radii[row], using: &generators[row])
    }
    ball.project(&candidates)
    var current = BestPictures(candidates, values: values(candidates))
    for query in 1..<max(1, queries) {
      try Task.checkCancellation()
      candidates = current.pictures
      let side = side(query: query)
      for row in generators.indices {
        move(&candidates, row: row, side: side, by: 2 * ball.radii[row], using: &generators[row])
      }
      ball.project(&candidates)
      current.consider(candidates, values: values(candidates))
    }
    var best = unmoved
    best.consider(current.pictures, values: current.values)
    return best.pictures
  }

  /// Moves each column of a picture by ±ε a channel.
  private func stripe(_ pictures: inout Matrix, row: Int, radius: Float, using generator: inout SeededGenerator) {
    for column in 0..<shape.columns {
      for channel in 0..<shape.channels {
        let change = generator.next() & 1 == 0 ? radius : -radius
        for line in 0..<shape.rows {
          pictures[row, (line * shape.columns + column) * shape.channels + channel] += change
        }
      }
    }
  }

  /// Moves a random square of a picture by ± the change a channel.
  private func move(
    _ pictures: inout Matrix, row: Int, side: Int, by change: Float, using generator: inout SeededGenerator
  ) {
    let top = Int.random(in: 0...shape.rows - side, using: &generator)
    let left = Int.random(in: 0...shape.columns - side, using: &generator)
    for channel in 0..<shape.channels {
      let change = generator.next() & 1 == 0 ? change : -change
      for line in top..<top + side {
        for column in left..<left + side {
          pictures[row, (line * shape.columns + column) * shape.channels + channel] += change
        }
      }
    }
  }
}
