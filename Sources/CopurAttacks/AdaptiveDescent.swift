public import CopurCore
internal import CopurNumerics

/// An attacker who knows the defence: gradient steps through all of it, within what its gate lets through, from several
/// starts, of which each sample keeps the one that does most harm (Tramèr et al. 2020; Croce and Hein 2020).
///
/// Starts are, in turn, the honest blocks, flipped ones, and those of recorded samples of another class; every second round
/// of starts follows the gradient in the metric of the gate's regions. A sample that has not gained for a while goes back to
/// its best point and halves its step. What needs no gradient is tried too: flipping × 1 and × 10, each start as it is, and
/// what was found further out in the same direction, since steps end where a defence without a gate does not. Of a defence that
/// reads each block by itself, each liar also sends what speaks most for another class, of all recordings.
public struct AdaptiveDescent: AttackKind {
  public static var entry: KindEntry<any AttackKind> {
    KindEntry(
      "adaptive-pgd", "Knows the defence: follows gradients through all of it, within what its gate lets through.",
      AdaptiveDescent(descent: ProjectedGradientDescent(goal: .untargeted)))
  }
  public static var settings: [Setting<AdaptiveDescent>] {
    ProjectedGradientDescent.settings.map { $0.at(\.descent) } + [
      .integer("restarts", \.restarts, 1...1000, "how many starts, of which each sample keeps the worst"),
      .integer("draws", \.draws, 1...100_000, "how many of a randomized defence's gradients a step averages"),
    ]
  }

  /// Goal, first step size, steps a start, direction and projection.
  public var descent: ProjectedGradientDescent
  /// The number of starts; at least 1.
  public var restarts: Int
  /// The number of a randomized defence's gradients that a step averages; at least 1.
  public var draws: Int

  /// - Precondition: `restarts` and `draws` are at least 1.
  public init(descent: ProjectedGradientDescent, restarts: Int = 6, draws: Int = 8) {
    precondition(restarts >= 1 && draws >= 1)
    self.descent = descent
    self.restarts = restarts
    self.draws = draws
  }

  public var knowledge: AttackKnowledge { .defense }
  public var aim: AttackGoal? { descent.goal }

  public func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
    try descent.goal.validate(in: context, given: keys)
  }

  public func craft(_ situation: AttackSituation) -> Proposal {
    var worst = WorstOf(situation: situation, goal: descent.goal)
    if descent.projection == nil {
      for amplification: Float in [1, 10] {
        worst.consider(FeatureFlipping(amplification: amplification).craft(situation).embeddings)
      }
    }
    var hadGradient = situation.labels.map { _ in false }
    if descent.projection == nil {
      // Blocks that are read one by one are worst one by one: what is found so is where a walk begins, too.
      for proposal in LoudestRecording(situation: situation, goal: descent.goal).proposals {
        worst.consider(proposal)
        var walk = GradientWalk(descent: descent, situation: situation, start: proposal, draws: draws)
        worst.consider(climb(&walk, samples: situation.labels.count))
      }
    }
    for restart in 0..<restarts where !Task.isCancelled {
      var walk = GradientWalk(
        descent: descent, situation: situation, start: start(restart, in: situation), usesMetric: restart / 3 % 2 == 1,
        draws: draws)
      worst.consider(walk.current.embeddings)
      let found = climb(&walk, samples: situation.labels.count)
      worst.consider(found)
      for factor: Float in [3, 30, 300] {
        walk.move(to: extrapolated(found, from: situation.observation.embeddings, by: factor))
        worst.consider(walk.current.embeddings)
      }
      for row in hadGradient.indices where walk.hadGradient[row] { hadGradient[row] = true }
    }
    var warnings = GradientWalk.warnings(hadGradient: hadGradient)
    if let caveat = situation.victim.gradientCaveat { warnings.append(caveat) }
    return Proposal(worst.embeddings, warnings: warnings)
  }

  private func start(_ restart: Int, in situation: AttackSituation) -> Matrix {
    switch restart % 3 {
    case 0 where restart < 6: situation.observation.embeddings
    case 1 where restart < 6: FeatureFlipping(amplification: 1).craft(situation).embeddings
    default: Replay(source: .otherClass).replay(in: situation, draw: restart).embeddings
    }
  }

  /// honest + factor · (found − honest).
  private func extrapolated(_ found: Matrix, from honest: Matrix, by factor: Float) -> Matrix {
    var result = honest
    for index in honest.values.indices { result.values[index] += factor * (found.values[index] - honest.values[index]) }
    return result
  }

  /// Walks, and returns the best point of each sample.
  private func climb(_ walk: inout GradientWalk, samples: Int) -> Matrix {
    let patience = max(4, descent.iterations / 8)
    var best = walk.current.embeddings
    var gains = [Float](repeating: -.infinity, count: samples)
    var waited = [Int](repeating: 0, count: samples)
    for _ in 0...descent.iterations where !Task.isCancelled {
      let here = walk.current.embeddings
      walk.advance()
      var next = walk.current.embeddings
      var isSentBack = false
      for (row, gain) in (walk.gains ?? []).enumerated() {
        if gain > gains[row] {
          gains[row] = gain
          best[row: row] = here[row: row]
          waited[row] = 0
          continue
        }
        waited[row] += 1
        guard waited[row] >= patience else { continue }
        waited[row] = 0
        walk.steps[row] /= 2
        next[row: row] = best[row: row]
        isSentBack = true
      }
      if isSentBack { walk.move(to: next) }
    }
    return best
  }
}
