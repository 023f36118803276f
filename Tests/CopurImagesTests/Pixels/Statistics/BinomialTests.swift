import CopurImages
import Testing

@Suite("Binomial statistics")
struct BinomialTests {
  /// The bounds that scipy 1.17 gives: `beta.ppf(α, k, n − k + 1)` and `beta.ppf(1 − α, k + 1, n − k)`.
  @Test(
    "one-sided Clopper–Pearson bounds",
    arguments: [
      (0, 10, 0.05, 0.0, 0.2588655508930522), (1, 10, 0.05, 0.005116196891823701, 0.39416330243650466),
      (5, 10, 0.05, 0.2224411010081294, 0.7775588989918706), (9, 10, 0.05, 0.6058366975634952, 0.9948838031081763),
      (10, 10, 0.05, 0.7411344491069477, 1.0), (9000, 10000, 0.05, 0.8949288834127698, 0.9048979865424159),
      (10000, 10000, 0.05, 0.9997004716402234, 1.0), (5093, 10000, 0.05, 0.5010259243938127, 0.5175700706334891),
      (17, 275, 0.025, 0.03642027029198397, 0.09713376899402937),
      (1, 10000, 0.005, 5.012540567265716e-07, 0.0007427741123960361),
      (9999, 10000, 0.005, 0.999257225887604, 0.9999994987459433), (3, 7, 0.5, 0.3641160864480825, 0.5),
    ])
  func bounds(successes: Int, trials: Int, alpha: Double, lower: Double, upper: Double) {
    let (low, high) = (
      BinomialBounds.lower(successes: successes, trials: trials, alpha: alpha),
      BinomialBounds.upper(successes: successes, trials: trials, alpha: alpha)
    )
    #expect(abs(low - lower) < 1e-9 && abs(high - upper) < 1e-9, "\(low), \(high)")
  }

  @Test("a bound is missed as often as α says, by the sum of binomial probabilities")
  func coverage() {
    // For each true p: the probability of counts whose lower bound is above p.
    let (trials, alpha) = (12, 0.1)
    let bounds = (0...trials).map { BinomialBounds.lower(successes: $0, trials: trials, alpha: alpha) }
    var worst = 0.0
    for step in 1..<500 {
      let p = Double(step) / 500
      var probability = 1.0
      for _ in 0..<trials { probability *= 1 - p }
      var missed = 0.0
      for successes in 0...trials {
        if bounds[successes] > p { missed += probability }
        probability *= Double(trials - successes) / Double(successes + 1) * p / (1 - p)
      }
      worst = max(worst, missed)
    }
    #expect(worst <= alpha + 1e-9 && worst > 0.095)
  }

  @Test("an interval has half of α on each side, and is everything without draws")
  func interval() {
    let interval = BinomialBounds.interval(successes: 17, trials: 275)
    #expect(abs(interval.lowerBound - 0.03642027029198397) < 1e-9)
    #expect(abs(interval.upperBound - 0.09713376899402937) < 1e-9)
    #expect(BinomialBounds.interval(successes: 0, trials: 0) == 0...1)
  }

  /// The p-values of scipy 1.17's `binomtest(a, a + b, 0.5).pvalue`.
  @Test(
    "the two-sided test of two counts",
    arguments: [
      (0, 1, 1.0), (1, 3, 0.625), (5, 5, 1.0), (10, 2, 0.03857421875), (30, 10, 0.0022214337732293643),
      (5100, 4900, 0.04658552770494645), (5098, 4902, 0.05117069076829504), (4901, 5099, 0.048832949896381185),
      (0, 60, 1.734723475976807e-18), (0, 0, 1.0),
    ])
  func test(first: Int, second: Int, expected: Double) {
    let value = BinomialTest.twoSided(first, second)
    #expect(abs(value - expected) <= 1e-9 * max(expected, 1e-12), "\(value)")
  }
}
