internal import Foundation

/// The share of anomalies among rows, estimated from how their scores are spread.
///
/// Ordinary scores are taken as log-normal, their middle and width told by the lower half of all scores, which anomalies do
/// not reach as long as they are fewer than half. What lies further above the middle than ordinary scores would, beyond what
/// they themselves leave there, is the share. It is a guess to fit by, kept within bounds in which a wrong one costs little.
public enum ShareEstimate {
  /// The least and the largest share that is said.
  public static let bounds = 0.02...0.4
  /// The number of widths above the middle at which a score stands out.
  private static let limit = 2.0
  /// The share of a normal distribution beyond ``limit``.
  private static let ordinary = 0.0228

  /// - Parameter scores: Over 0; the larger, the more anomalous.
  /// - Returns: Within ``bounds``.
  public static func of(_ scores: [Float]) -> Double {
    let logs = scores.filter { $0.isFinite && $0 > 0 }.map { log(Double($0)) }.sorted()
    guard logs.count >= 4 else { return bounds.lowerBound }
    let median = logs[logs.count / 2]
    // Between the lower quartile and the median there are 0.6745 deviations of a normal distribution.
    let width = (median - logs[logs.count / 4]) / 0.6745
    guard width > 0 else { return bounds.lowerBound }
    let beyond = Double(logs.count { $0 > median + limit * width }) / Double(logs.count)
    return min(max((beyond - ordinary) / (1 - ordinary), bounds.lowerBound), bounds.upperBound)
  }
}
