internal import CopurNumerics

/// The uncertainty of a measure of rows that resemble their neighbours, by a bootstrap over runs of consecutive rows.
///
/// Rows of one person's days are alike from minute to minute, so that single rows drawn anew would promise too much. Runs
/// of them are drawn instead, with replacement, as many as there are (Carlstein 1986, non-overlapping blocks); the measure of
/// each such sample gives the deviation and the percentile interval (Efron and Tibshirani 1993, section 13.3).
public struct RunBootstrap: Hashable, Sendable {
  /// A measure and how far it can be off.
  public struct Estimate: Hashable, Sendable {
    /// The measure of the rows as they are.
    public var value: Double
    /// The standard deviation over the samples.
    public var deviation: Double
    /// The interval that 95 of 100 samples are within, 2.5 below and 2.5 above it.
    public var interval: ClosedRange<Double>
  }

  /// The number of consecutive rows of a run, at least 1; the last run has those that are left.
  public var length: Int
  /// The number of samples that are drawn; at least 2.
  public var samples: Int
  /// The seed of the draws.
  public var seed: UInt64

  /// Runs of 30 rows, and draws enough for a deviation to two digits.
  public init(length: Int = 30, samples: Int = 1000, seed: UInt64 = 0) {
    precondition(length >= 1 && samples >= 2)
    self.length = length
    self.samples = samples
    self.seed = seed
  }

  /// The fraction of rows that are right.
  ///
  /// - Parameter right: In the rows' order; at least one.
  public func accuracy(_ right: [Bool]) -> Estimate { mean(right.map { $0 ? 1 : 0 }) }

  /// The mean of a value that each row has, such as the difference of two models' hits.
  ///
  /// - Parameter values: In the rows' order; at least one.
  public func mean(_ values: [Double]) -> Estimate { estimate(values, groups: values.map { _ in 0 }) }

  /// The mean over the classes of the fraction of each one's rows that are right. A sample that has no row of a class is
  /// measured by the others.
  ///
  /// - Parameters:
  ///   - right: In the rows' order; at least one.
  ///   - labels: The class of each row.
  public func balancedAccuracy(_ right: [Bool], labels: [Int]) -> Estimate {
    balancedMean(right.map { $0 ? 1 : 0 }, labels: labels)
  }

  /// The mean over the classes of the mean value of each one's rows.
  ///
  /// - Parameters:
  ///   - values: In the rows' order; at least one.
  ///   - labels: The class of each row.
  public func balancedMean(_ values: [Double], labels: [Int]) -> Estimate {
    let classes = Set(labels).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: zip(classes, classes.indices))
    return estimate(values, groups: labels.map { numbers[$0] ?? 0 })
  }

  /// - Parameter groups: From 0 without a gap.
  private func estimate(_ values: [Double], groups: [Int]) -> Estimate {
    precondition(!values.isEmpty && values.count == groups.count)
    let width = 1 + (groups.max() ?? 0)
    let runs = (values.count + length - 1) / length
    // (runs, groups): how many rows, and the sum of their values, which is exact where these are 0 and 1.
    var rows = [Double](repeating: 0, count: runs * width)
    var sums = rows
    for index in values.indices {
      let place = index / length * width + groups[index]
      rows[place] += 1
      sums[place] += values[index]
    }
    func measure(_ rows: [Double], _ sums: [Double]) -> Double {
      var (sum, count) = (0.0, 0)
      for group in 0..<width where rows[group] > 0 {
        sum += sums[group] / rows[group]
        count += 1
      }
      return sum / Double(max(1, count))
    }
    func total(_ counts: [Double], of drawn: [Int], into totals: inout [Double]) {
      for group in 0..<width { totals[group] = 0 }
      for run in drawn { for group in 0..<width { totals[group] += counts[run * width + group] } }
    }
    var (allRows, allSums) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    var drawn = Array(0..<runs)
    total(rows, of: drawn, into: &allRows)
    total(sums, of: drawn, into: &allSums)
    let value = measure(allRows, allSums)
    var generator = SeededGenerator(seed: seed, purpose: "bootstrap")
    var measures: [Double] = []
    measures.reserveCapacity(samples)
    for _ in 0..<samples {
      for place in drawn.indices { drawn[place] = Int.random(in: 0..<runs, using: &generator) }
      total(rows, of: drawn, into: &allRows)
      total(sums, of: drawn, into: &allSums)
      measures.append(measure(allRows, allSums))
    }
    // From the rows as they are, so that what no sample changes has a deviation of 0 and not of a rounding.
    let gaps = measures.map { $0 - value }
    let mean = gaps.reduce(0, +) / Double(samples)
    let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples - 1)
    measures.sort()
    let tail = Int((0.025 * Double(samples)).rounded(.down))
    return Estimate(
      value: value, deviation: variance.squareRoot(), interval: measures[tail]...measures[samples - 1 - tail])
  }
}
