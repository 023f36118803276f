public import CopurNumerics

/// Steps along the sign of the gradient: FGSM (Goodfellow et al. 2015) with one, PGD (Madry et al. 2018) with several;
/// with a victim that draws, PGD + EOT.
public struct SignAscent: PictureAttack {
  /// The objective that steps make grow.
  public var objective: AttackObjective
  /// The number of steps of a start; at least 1.
  public var steps: Int
  /// The length of a step as a share of ε, over 0; nil for 2.5/steps (Madry et al.), and for 1 with a single step.
  public var stepShare: Float?
  /// The number of starts, at least 1; the best of all is kept.
  public var starts: Int
  /// Whether starts are drawn within ε; if not, they are the pictures themselves.
  public var startsAtRandom: Bool
  /// Whether the pictures of the largest objective are kept, the unmoved ones among them; else the last ones are, as in
  /// trainings, where all pictures are to be moved.
  public var keepsBest: Bool
  public var passes: Int

  /// PGD.
  ///
  /// - Parameters:
  ///   - steps: At least 1.
  ///   - starts: At least 1.
  ///   - passes: At least 1.
  public init(
    _ objective: AttackObjective, steps: Int, starts: Int = 1, startsAtRandom: Bool = true, keepsBest: Bool = true,
    passes: Int = 1
  ) {
    precondition(steps >= 1 && starts >= 1 && passes >= 1)
    self.objective = objective
    self.steps = steps
    self.starts = starts
    self.startsAtRandom = startsAtRandom
    self.keepsBest = keepsBest
    self.passes = passes
  }

  /// FGSM: one step of ε from the picture itself.
  public static func single(_ objective: AttackObjective, passes: Int = 1) -> SignAscent {
    SignAscent(objective, steps: 1, startsAtRandom: false, keepsBest: false, passes: passes)
  }

  public func search(
    _ ball: PictureBall, labels: [Int], numbers: [Int], against victim: any PictureVictim, seed: UInt64
  ) throws -> Matrix {
    let loss = { (logits: Matrix) in objective(logits, labels: labels, draws: victim.draws) }
    func values(of pictures: Matrix, seed: UInt64) -> [Float] {
      loss(victim.logits(of: pictures, numbers: numbers, passes: passes, seed: seed)).values
    }
    var best = BestPictures(ball.centers, values: [])
    if keepsBest {
      let seed = SeededGenerator.seed(under: seed, for: "unmoved pictures")
      best = BestPictures(ball.centers, values: values(of: ball.centers, seed: seed))
    }
    let share = stepShare ?? (steps == 1 ? 1 : 2.5 / Float(steps))
    let lengths = ball.radii.map { share * $0 }
    for start in 0..<starts {
      let seed = SeededGenerator.seed(under: seed, for: "start \(start)")
      var pictures = startsAtRandom ? ball.randomPictures(numbers: numbers, seed: seed) : ball.centers
      for step in 0..<steps {
        try Task.checkCancellation()
        let seed = SeededGenerator.seed(under: seed, for: "step \(step)")
        let (values, gradient) = victim.gradient(
          of: pictures, numbers: numbers, passes: passes, seed: seed, loss: loss)
        if keepsBest { best.consider(pictures, values: values) }
        ball.ascend(&pictures, along: gradient, by: lengths)
      }
      if keepsBest {
        let seed = SeededGenerator.seed(under: seed, for: "last pictures")
        best.consider(pictures, values: values(of: pictures, seed: seed))
      } else if start == starts - 1 {
        return pictures
      }
    }
    return best.pictures
  }
}
