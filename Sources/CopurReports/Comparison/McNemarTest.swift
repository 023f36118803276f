internal import Foundation

/// McNemar's exact test: whether rows that only one of two models has right are as often the one's as the other's.
///
/// McNemar, Psychometrika 12 (1947); the exact binomial form takes each row for itself, so that rows that resemble their
/// neighbours make p too small.
enum McNemarTest {
  /// The two-sided p of so many rows that only one has right.
  ///
  /// - Parameters:
  ///   - onlyFirst: Rows that only the first has right, at least 0.
  ///   - onlySecond: Rows that only the second has right, at least 0.
  static func p(onlyFirst: Int, onlySecond: Int) -> Double {
    let (count, least) = (onlyFirst + onlySecond, min(onlyFirst, onlySecond))
    guard count > 0 else { return 1 }
    // From the largest term down: choose(count, least) / 2^count, which has no place in a number itself.
    func logarithmOfFactorial(_ number: Int) -> Double { lgamma(Double(number) + 1) }
    let ways = logarithmOfFactorial(count) - logarithmOfFactorial(least) - logarithmOfFactorial(count - least)
    let logarithm: Double = ways - Double(count) * log(2)
    var (term, sum) = (1.0, 0.0)
    for hits in stride(from: least, through: 0, by: -1) {
      sum += term
      term *= Double(hits) / Double(count - hits + 1)
      if term < 1e-18 * sum { break }
    }
    return min(1, 2 * exp(logarithm + log(sum)))
  }

  /// One p of several seeds', whose rows are the same: twice their mean, which is valid however they depend on each other
  /// (Vovk and Wang, Biometrika 107, 2020).
  static func combined(_ values: [Double]) -> Double? {
    guard let first = values.first else { return nil }
    return values.count == 1 ? first : min(1, 2 * values.reduce(0, +) / Double(values.count))
  }
}
