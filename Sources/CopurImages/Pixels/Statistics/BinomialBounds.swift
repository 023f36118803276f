/// Bounds of a probability by counted successes (Clopper and Pearson 1934): exact for any number of draws, never too narrow.
public enum BinomialBounds {
  /// The one-sided lower bound: where it is above the true probability, an event of probability at most α has happened.
  ///
  /// - Parameters:
  ///   - successes: How many of the draws had the property, from 0 to `trials`.
  ///   - trials: How many draws there were, at least 1.
  ///   - alpha: α, above 0 and below 1.
  public static func lower(successes: Int, trials: Int, alpha: Double) -> Double {
    check(successes, trials, alpha)
    if successes == 0 { return 0 }
    let (k, n) = (Double(successes), Double(trials))
    // P(X ≥ k) grows with p; the bound is where it is α.
    return bisect { RegularizedBeta.value($0, k, n - k + 1) <= alpha }.below
  }

  /// The one-sided upper bound: where it is below the true probability, an event of probability at most α has happened.
  ///
  /// - Parameters:
  ///   - successes: How many of the draws had the property, from 0 to `trials`.
  ///   - trials: How many draws there were, at least 1.
  ///   - alpha: α, above 0 and below 1.
  public static func upper(successes: Int, trials: Int, alpha: Double) -> Double {
    check(successes, trials, alpha)
    if successes == trials { return 1 }
    let (k, n) = (Double(successes), Double(trials))
    // P(X ≤ k) = I_{1−p}(n − k, k + 1) falls with p; the bound is where it is α.
    return bisect { RegularizedBeta.value(1 - $0, n - k, k + 1) > alpha }.above
  }

  /// The two-sided interval of a confidence of 1 − α, α/2 on each side; 0 to 1 without draws.
  ///
  /// - Parameters:
  ///   - successes: How many of the draws had the property, from 0 to `trials`.
  ///   - trials: How many draws there were, 0 or more.
  ///   - alpha: α, above 0 and below 1; 0.05 for 95 %.
  public static func interval(successes: Int, trials: Int, alpha: Double = 0.05) -> ClosedRange<Double> {
    if trials == 0 { return 0...1 }
    let low = lower(successes: successes, trials: trials, alpha: alpha / 2)
    return low...max(low, upper(successes: successes, trials: trials, alpha: alpha / 2))
  }

  private static func check(_ successes: Int, _ trials: Int, _ alpha: Double) {
    precondition(trials >= 1 && (0...trials).contains(successes) && alpha > 0 && alpha < 1)
  }

  /// The neighbouring numbers between which a condition that holds from 0 on stops to hold.
  private static func bisect(_ holds: (Double) -> Bool) -> (below: Double, above: Double) {
    var (below, above) = (0.0, 1.0)
    while true {
      let middle = (below + above) / 2
      if middle <= below || middle >= above || above - below < 1e-16 { return (below, above) }
      if holds(middle) { below = middle } else { above = middle }
    }
  }
}
