/// Honest blocks against compromised ones on a manifold of one dimension: how far the latter can move the solution.
///
/// The objective is convex in the code z, so z solves it exactly where the pulls balance, and a compromised block's pull is
/// at most its strength a_i, whatever is sent. So no solution lies above the largest z at which the honest slope is at most
/// the sum of these a_i (of those agents that can still pull upwards there). Where it is open who lies, each of the M agents
/// is a candidate, and at a given z the worst q are those with the largest gain: their a_i and the honest pull that goes.
struct PullContest: Sendable {
  /// An agent that may be compromised, and the pull of its block if it is not; nil if there is none.
  struct Candidate: Sendable {
    var attacker: AttackerPull
    var honest: BlockPull?
  }

  /// The blocks that are surely honest and used.
  let honest: [BlockPull]
  let candidates: [Candidate]
  /// The greatest number of candidates that are compromised.
  let compromised: Int
  /// The greatest distance of the solver's code from the minimum, relative to code and scale.
  let tolerance: Double
  /// The mean norm of clean blocks.
  let scale: Double

  /// Codes beyond so many scales count as without limit.
  private static let farthest = 1e9
  /// The rounding of a slope, relative to the sum of the strengths.
  private static let rounding = 1e-13

  /// The codes that the solver can end at; nil if the compromised agents can move it without limit.
  func interval() -> CodeInterval? {
    guard let upper = upperEnd(), let lower = mirrored.upperEnd() else { return nil }
    return CodeInterval(lower: min(-lower, upper), upper: max(-lower, upper))
  }

  private var mirrored: PullContest {
    PullContest(
      honest: honest.map(\.mirrored),
      candidates: candidates.map { Candidate(attacker: $0.attacker.mirrored, honest: $0.honest?.mirrored) },
      compromised: compromised, tolerance: tolerance, scale: scale)
  }

  /// The largest code that the solver can end at.
  private func upperEnd() -> Double? {
    let strengths = honest.map(\.strength) + candidates.map(\.attacker.strength)
    let slack = Self.rounding * strengths.reduce(0, +)
    func isReachable(_ code: Double) -> Bool { balance(at: code) <= slack }
    var (low, high) = (-scale, scale)
    while isReachable(high) {
      low = high
      high *= 2
      if high > Self.farthest * scale { return nil }
    }
    while !isReachable(low) {
      high = low
      low *= 2
      if low < -Self.farthest * scale { return nil }
    }
    while high - low > 0.01 * tolerance * (scale + abs(high)) {
      let middle = 0.5 * (low + high)
      if isReachable(middle) { low = middle } else { high = middle }
    }
    return high + 1.01 * tolerance * (scale + abs(high))
  }

  /// The slope that is left when the worst pull upwards with all they can; it rises with the code.
  private func balance(at code: Double) -> Double {
    var slope = honest.reduce(0) { $0 + $1.slope(at: code) }
    var gains: [Double] = []
    gains.reserveCapacity(candidates.count)
    for candidate in candidates {
      let own = candidate.honest?.slope(at: code) ?? 0
      slope += own
      gains.append(max(0, own + (code <= candidate.attacker.targets.upper ? candidate.attacker.strength : 0)))
    }
    if compromised < gains.count { gains.sort(by: >) }
    return slope - gains.prefix(compromised).reduce(0, +)
  }
}
