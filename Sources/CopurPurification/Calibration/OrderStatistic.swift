public import CopurCore
internal import Foundation

/// Limits from held-out values that assume nothing of their distribution, only that rows are exchangeable.
public enum OrderStatistic {
  /// The value that a further clean one exceeds with probability `rate` at most: the k-th smallest of n,
  /// k = ⌈(n + 1)(1 − rate)⌉.
  ///
  /// - Returns: The largest finite number, which nothing exceeds, where n is too small for the rate.
  public static func limit(of values: [Float], falseAlarmRate rate: Double) -> Float {
    precondition(rate > 0 && rate < 1)
    // Without the slack, (n + 1)·0.99 can round up past the integer that it is.
    let rank = Int((Double(values.count + 1) * (1 - rate) - 1e-9).rounded(.up))
    return rank <= values.count ? values.sorted()[rank - 1] : .greatestFiniteMagnitude
  }

  /// The greatest margin of a limit over the worst run.
  private static let widestMargin: Float = 2

  /// The limit for rows that come later than those that it is set by.
  ///
  /// Rows that follow one another are alike, and a later run of them may be unlike all runs before. So it is not the pooled
  /// values that set the limit but the worst run: the k-th smallest value of each run, as in
  /// ``limit(of:falseAlarmRate:)``, and its largest one where that is too short; of these the largest, and as many times
  /// more as it is of the second largest (twice at most), since a further run may exceed it by as much again.
  ///
  /// - Parameter runs: The values of each run of consecutive rows; empty runs say nothing.
  /// - Returns: The largest finite number, which nothing exceeds, without any value.
  public static func limit(ofRuns runs: [[Float]], falseAlarmRate rate: Double) -> Float {
    precondition(rate > 0 && rate < 1)
    let limits = runs.compactMap { run in min(limit(of: run, falseAlarmRate: rate), run.max() ?? -1) }
      .filter { $0 >= 0 }.sorted(by: >)
    guard let worst = limits.first else { return .greatestFiniteMagnitude }
    guard limits.count > 1, limits[1] > 0 else { return worst }
    return min(worst * min(worst / limits[1], widestMargin), .greatestFiniteMagnitude)
  }

  /// The rate that a limit can promise: the one asked for, or what so many values can tell.
  public static func promised(_ rate: Double, values: Int) -> Double { max(rate, 1 / Double(values + 1)) }

  /// The smallest of the values of which it is `confidence`-certain that a fraction `rate` of all are at most that: the
  /// k-th smallest where P(Bin(n, rate) ≤ k − 1) ≥ confidence.
  ///
  /// - Returns: With too few values, the largest one and the confidence that it has, 1 − rateⁿ. Nil without values.
  public static func upperBound(of values: [Double], rate: Double, confidence: Double) -> ErrorBound? {
    precondition(rate > 0 && rate < 1 && confidence > 0 && confidence < 1)
    guard !values.isEmpty else { return nil }
    let count = values.count
    // By k = n − j: the certainty lost, P(Bin(n, 1 − rate) ≤ j − 1 …), grows with the number j of values above.
    var logarithm = Double(count) * log(rate)
    var lost = exp(logarithm)
    var above = 0
    var certainty = 1 - lost
    while above + 1 < count {
      logarithm += log(Double(count - above) / Double(above + 1)) + log((1 - rate) / rate)
      lost += exp(logarithm)
      guard 1 - lost >= confidence else { break }
      above += 1
      certainty = 1 - lost
    }
    return ErrorBound(value: values.sorted()[count - 1 - above], rate: rate, confidence: certainty)
  }
}
