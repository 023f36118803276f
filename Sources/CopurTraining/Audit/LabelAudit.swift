internal import CopurNumerics

/// A search for wrong labels, by what the agents say together.
///
/// The rate at which each class is labelled as each is read off the rows of which the agents are surest; how sure they may
/// be elsewhere is calibrated against the labels themselves (Natarajan et al. 2013 for the correction). With both, the
/// probability that a row is of a class, given what is said and the label, follows by Bayes' rule.
struct LabelAudit {
  /// For each true class the share of its rows that bear each label.
  let flips: [[Double]]
  /// The most probable class of each row.
  let classes: [Int]
  /// The probability that each row's label is wrong.
  let doubts: [Double]

  /// The share of the rows of a class, those of which the agents are surest, that flips are counted on, and the fewest.
  private static let surest = 0.25
  private static let fewest = 30

  /// - Parameters:
  ///   - evidence: What the agents say together, [n, classes].
  ///   - labels: The labels as they are.
  init(_ evidence: Matrix, labels: [Int]) {
    let count = evidence.columns
    var said: [Int] = []
    var margins: [Float] = []
    for row in 0..<evidence.rows {
      let order = (0..<count).sorted { evidence[row, $0] > evidence[row, $1] }
      said.append(order[0])
      margins.append(evidence[row, order[0]] - evidence[row, order[1]])
    }
    var flips: [[Double]] = []
    var agreement = [Double](repeating: 1, count: evidence.rows)
    for label in 0..<count {
      let rows = said.indices.filter { said[$0] == label }.sorted { margins[$0] > margins[$1] }
      let sure = rows.prefix(max(Self.fewest, Int(Self.surest * Double(rows.count))))
      // Too few rows to say anything: labels of this class are believed.
      guard sure.count >= Self.fewest else {
        flips.append((0..<count).map { $0 == label ? 1 : 0 })
        continue
      }
      var shares = [Double](repeating: 0, count: count)
      for row in sure { shares[labels[row]] += 1 / Double(sure.count) }
      flips.append(shares)
      let ascending = Array(rows.reversed())
      let fitted = IsotonicRegression.fit(ascending.map { labels[$0] == label ? 1 : 0 })
      for (place, row) in ascending.enumerated() { agreement[row] = fitted[place] }
    }
    self.flips = flips
    var (classes, doubts) = ([Int](), [Double]())
    for row in said.indices {
      let own = said[row]
      let kept = flips[own][own]
      let strayed =
        count == 1 ? 0 : (0..<count).reduce(0.0) { $0 + ($1 == own ? 0 : flips[$1][own]) } / Double(count - 1)
      let sure = min(max((agreement[row] - strayed) / max(kept - strayed, 0.05), 0), 1)
      let posterior = (0..<count).map { label in
        (label == own ? sure : (1 - sure) / Double(count - 1)) * flips[label][labels[row]]
      }
      let total = posterior.reduce(0, +)
      let best = posterior.indices.max { posterior[$0] < posterior[$1] } ?? labels[row]
      classes.append(total > 0 ? best : labels[row])
      doubts.append(total > 0 ? 1 - posterior[labels[row]] / total : 0)
    }
    (self.classes, self.doubts) = (classes, doubts)
  }
}

/// Isotonic regression: the non-decreasing values nearest to given ones (pool adjacent violators; Ayer et al. 1955).
enum IsotonicRegression {
  /// - Parameter values: In the order of what they are to grow with.
  /// - Returns: As many values, none smaller than the one before, with the least sum of squared distances.
  static func fit(_ values: [Double]) -> [Double] {
    var pools: [(mean: Double, count: Int)] = []
    for value in values {
      pools.append((value, 1))
      while pools.count > 1, pools[pools.count - 2].mean >= pools[pools.count - 1].mean {
        let (last, before) = (pools.removeLast(), pools.removeLast())
        let count = last.count + before.count
        pools.append(
          ((last.mean * Double(last.count) + before.mean * Double(before.count)) / Double(count), count))
      }
    }
    return pools.flatMap { pool in [Double](repeating: pool.mean, count: pool.count) }
  }
}
