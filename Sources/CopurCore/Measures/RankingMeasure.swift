/// Measures of how well scores rank.
public enum RankingMeasure {
  /// The area under the receiver's operating characteristic: the probability that a positive row's score is over a negative
  /// one's, ties counting half (Hanley and McNeil 1982).
  ///
  /// - Parameters:
  ///   - scores: One a row.
  ///   - isPositive: Whether each row is positive.
  /// - Returns: From 0 to 1; nil if all rows are alike.
  public static func area(_ scores: [Float], isPositive: [Bool]) -> Double? {
    precondition(scores.count == isPositive.count)
    let positives = isPositive.count { $0 }
    let negatives = isPositive.count - positives
    guard positives > 0, negatives > 0 else { return nil }
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var rankSum = 0.0
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
      // Equal scores share the mean of their ranks, which count from 1.
      let rank = Double(start + 1 + end) / 2
      rankSum += rank * Double(order[start..<end].count { isPositive[$0] })
      start = end
    }
    let pairs = Double(positives) * Double(negatives)
    return (rankSum - Double(positives) * Double(positives + 1) / 2) / pairs
  }
}
