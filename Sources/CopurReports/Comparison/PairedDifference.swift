internal import CopurCore
internal import Foundation

/// A difference of two rates and the interval that 95 of 100 such intervals have it in.
public struct PairedDifference: Hashable, Sendable, Encodable {
  /// The second rate less the first, from −1 to 1.
  public var value: Double
  /// The interval's ends; nil where nothing says how far it can be off.
  public var lower: Double?
  public var upper: Double?

  /// The difference of rates that were measured on the same rows.
  init(_ estimate: RunBootstrap.Estimate) {
    value = estimate.value
    (lower, upper) = (estimate.interval.lowerBound, estimate.interval.upperBound)
  }

  /// The mean of a difference for each seed, with Student's interval where there are two or more.
  ///
  /// - Parameter differences: At least one.
  init(overSeeds differences: [Double]) {
    let summary = Summary(differences)
    value = summary.mean
    guard let deviation = summary.deviation else { return }
    let half =
      StudentQuantile.twoSided95(degrees: differences.count - 1) * deviation / Double(differences.count).squareRoot()
    (lower, upper) = (value - half, value + half)
  }

  /// Whether the interval does not have 0 in it.
  var isClear: Bool {
    guard let lower, let upper else { return false }
    return lower > 0 || upper < 0
  }

  /// In points of percent, such as `+1.2 [−0.3, 2.7]`.
  var words: String {
    let text = Number.percent(value)
    let signed = value > 0 && text != "0.0" ? "+\(text)" : text
    guard let lower, let upper else { return signed }
    return "\(signed) [\(Number.percent(lower)), \(Number.percent(upper))]"
  }
}

/// The quantile of Student's distribution that two-sided 95 % intervals need.
enum StudentQuantile {
  /// t with P(|T| ≤ t) = 0.95.
  ///
  /// - Parameter degrees: Degrees of freedom, at least 1.
  static func twoSided95(degrees: Int) -> Double {
    var (low, high) = (0.0, 20.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if probability(within: middle, degrees: degrees) < 0.95 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// P(|T| ≤ t). Abramowitz and Stegun 26.7.3 and 26.7.4.
  private static func probability(within t: Double, degrees: Int) -> Double {
    let angle = atan(t / Double(degrees).squareRoot())
    let (sine, cosine) = (sin(angle), cos(angle))
    let isOdd = degrees % 2 == 1
    var (term, sum) = (isOdd ? cosine : 1, 0.0)
    for index in stride(from: isOdd ? 3 : 2, through: degrees, by: 2) {
      sum += term
      term *= cosine * cosine * Double(index - 1) / Double(index)
    }
    return isOdd ? 2 / Double.pi * (angle + sine * sum) : sine * sum
  }
}
