public import CopurNumerics

/// APGD (Croce and Hein 2020, Algorithm 1): sign steps with momentum, whose length is halved for each picture where the
/// objective stops growing, and which then go on from the best picture so far.
public struct AutoProjectedGradient: PictureAttack {
  /// The objective that steps make grow.
  public var objective: AttackObjective
  /// The number of steps of a start; at least 1.
  public var steps: Int
  /// The number of random starts, at least 1; the best of all is kept.
  public var starts: Int
  public var passes: Int

  /// α, the share of the new step beside that of the last one.
  private static let momentum: Float = 0.75
  /// ρ, the share of steps that have to grow the objective.
  private static let success = 0.75

  /// - Parameters:
  ///   - steps: At least 1.
  ///   - starts: At least 1.
  ///   - passes: At least 1.
  public init(_ objective: AttackObjective, steps: Int = 100, starts: Int = 1, passes: Int = 1) {
    precondition(steps >= 1 && starts >= 1 && passes >= 1)
    self.objective = objective
    self.steps = steps
    self.starts = starts
    self.passes = passes
  }

  /// The steps after which lengths are judged, ⌈p_j · steps⌉ with p₀ = 0, p₁ = 0.22, p_{j+1} = p_j + max(p_j − p_{j−1}
  /// − 0.03, 0.06), as in the paper.
  package static func checkpoints(steps: Int) -> [Int] {
    // In hundredths, so that rounding up does not hang on a last bit.
    var shares = [0, 22]
    while shares[shares.count - 1] < 100 {
      let (last, before) = (shares[shares.count - 1], shares[shares.count - 2])
      shares.append(last + max(last - before - 3, 6))
    }
    let places = shares.dropFirst().filter { $0 <= 100 }.map { ($0 * steps + 99) / 100 }
    return places.indices.filter { $0 == 0 || places[$0] > places[$0 - 1] }.map { places[$0] }
  }

  public func search(
    _ ball: PictureBall, labels: [Int], numbers: [Int], against victim: any PictureVictim, seed: UInt64
  ) throws -> Matrix {
    let loss = { (logits: Matrix) in objective(logits, labels: labels, draws: victim.draws) }
    let unmoved = victim.logits(
      of: ball.centers, numbers: numbers, passes: passes,
      seed: SeededGenerator.seed(under: seed, for: "unmoved pictures"))
    var best = BestPictures(ball.centers, values: loss(unmoved).values)
    for start in 0..<starts {
      let seed = SeededGenerator.seed(under: seed, for: "start \(start)")
      let found = try climb(from: ball.randomPictures(numbers: numbers, seed: seed), in: ball) { pictures, step in
        victim.gradient(
          of: pictures, numbers: numbers, passes: passes, seed: SeededGenerator.seed(under: seed, for: "step \(step)"),
          loss: loss)
      }
      best.consider(found.pictures, values: found.values)
    }
    return best.pictures
  }

  /// - Parameter evaluate: Takes pictures and the number of the step; gives objectives and their gradient.
  private func climb(
    from start: Matrix, in ball: PictureBall, evaluate: (Matrix, Int) -> (values: [Float], gradient: Matrix)
  ) throws -> BestPictures {
    let checkpoints = Self.checkpoints(steps: steps)
    var (pictures, last) = (start, start)
    var (values, gradient) = evaluate(pictures, 0)
    var best = BestPictures(pictures, values: values)
    var bestGradient = gradient
    var lengths = ball.radii.map { 2 * $0 }
    // Since the last checkpoint: how often the objective grew, whether the length was halved then, and the best value
    // then.
    var growths = [Int](repeating: 0, count: values.count)
    var wasHalved = [Bool](repeating: true, count: values.count)
    var bestAtCheckpoint = values
    var checkpoint = 0
    var lastCheckpoint = 0
    for step in 1...steps {
      try Task.checkCancellation()
      var next = pictures
      ball.ascend(&next, along: gradient, by: lengths)
      if step > 1 {
        combine(&next, pictures, last)
        ball.project(&next)
      }
      last = pictures
      pictures = next
      let before = values
      (values, gradient) = evaluate(pictures, step)
      for row in values.indices where values[row] > before[row] { growths[row] += 1 }
      let taken = best.consider(pictures, values: values)
      for row in values.indices where taken[row] { bestGradient[row: row] = gradient[row: row] }
      guard checkpoint < checkpoints.count, step == checkpoints[checkpoint] else { continue }
      for row in values.indices {
        let grewRarely = Double(growths[row]) < Self.success * Double(step - lastCheckpoint)
        let stands = !wasHalved[row] && bestAtCheckpoint[row] == best.values[row]
        wasHalved[row] = grewRarely || stands
        if wasHalved[row] {
          lengths[row] /= 2
          pictures[row: row] = best.pictures[row: row]
          gradient[row: row] = bestGradient[row: row]
          values[row] = best.values[row]
        }
        growths[row] = 0
        bestAtCheckpoint[row] = best.values[row]
      }
      lastCheckpoint = step
      checkpoint += 1
    }
    return best
  }

  /// next ← pictures + α·(next − pictures) + (1 − α)·(pictures − last).
  private func combine(_ next: inout Matrix, _ pictures: Matrix, _ last: Matrix) {
    let (share, rest) = (Self.momentum, 1 - Self.momentum)
    next.values.withUnsafeMutableBufferPointer { next in
      pictures.values.withUnsafeBufferPointer { pictures in
        last.values.withUnsafeBufferPointer { last in
          for index in 0..<next.count {
            let here = pictures[index]
            next[index] = here + share * (next[index] - here) + rest * (here - last[index])
          }
        }
      }
    }
  }
}
