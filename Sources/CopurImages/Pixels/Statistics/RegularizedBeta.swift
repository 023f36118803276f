internal import Foundation

/// The regularized incomplete beta function I_x(a, b), the distribution function of a beta variable.
///
/// Tails of the binomial distribution are values of it: P(X ≥ k) = I_p(k, n − k + 1) for n draws of probability p.
enum RegularizedBeta {
  /// I_x(a, b) for a, b > 0 and x from 0 to 1.
  ///
  /// The continued fraction (NIST Handbook, 8.17.22) converges fast below the mean of the distribution; above it the
  /// complement 1 − I_{1−x}(b, a) is taken (8.17.4).
  static func value(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let factor = exp(a * log(x) + b * log1p(-x) - logBeta(a, b))
    return x < (a + 1) / (a + b + 2) ? factor / a * fraction(x, a, b) : 1 - factor / b * fraction(1 - x, b, a)
  }

  /// log B(a, b).
  private static func logBeta(_ a: Double, _ b: Double) -> Double { lgamma(a) + lgamma(b) - lgamma(a + b) }

  /// The reciprocal of the continued fraction, by Lentz's method from front to back.
  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    /// A number in place of 0, so that no step divides by it.
    func nonzero(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
    var upper = 1.0
    var lower = 1 / nonzero(1 - (a + b) * x / (a + 1))
    var result = lower
    for step in 1...10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      lower = 1 / nonzero(1 + even * lower)
      upper = nonzero(1 + even / upper)
      result *= lower * upper
      lower = 1 / nonzero(1 + odd * lower)
      upper = nonzero(1 + odd / upper)
      let change = lower * upper
      result *= change
      if abs(change - 1) < 1e-15 { break }
    }
    return result
  }
}
