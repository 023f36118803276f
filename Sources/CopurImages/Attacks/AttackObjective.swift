public import CopurNumerics

/// A number that an attacker makes large for each picture: a loss of the scores that several draws have together.
public struct AttackObjective: Hashable, Sendable, Codable {
  /// A loss of one score a class. All are over 0, or log 2, once another class has a larger score than the right one.
  public enum Loss: String, Hashable, Sendable, Codable, CaseIterable {
    /// −log softmax of the right class.
    case crossEntropy = "cross-entropy"
    /// The largest score of another class less that of the right one: its gradient does not shrink.
    case margin
    /// The margin over the gap between the largest and the third largest score, so that the scores' scale does not
    /// matter (the DLR loss of Croce and Hein 2020); with two classes the margin.
    case differenceOfLogitsRatio = "DLR"
  }

  /// The rule by which draws become one score a class.
  public var aggregation: DrawAggregation
  /// The loss of the scores.
  public var loss: Loss

  public init(_ aggregation: DrawAggregation, _ loss: Loss) {
    self.aggregation = aggregation
    self.loss = loss
  }

  /// The objective of each picture, the mean over its passes, and ∂(their sum)/∂logits.
  ///
  /// - Parameters:
  ///   - logits: [n · passes · draws, classes], at least two classes.
  ///   - labels: The right class of each picture, n of them.
  ///   - draws: The draws that are aggregated; at least 1.
  /// - Returns: n values, and slopes of the logits' shape; not finite where the aggregation is not.
  public func callAsFunction(
    _ logits: Matrix, labels: [Int], draws: Int
  ) -> (values: [Float], slopes: Matrix) {
    precondition(logits.columns >= 2 && labels.allSatisfy { (0..<logits.columns).contains($0) })
    precondition(logits.rows.isMultiple(of: max(1, labels.count) * draws))
    let scores = aggregation.scores(logits, draws: draws)
    let passes = scores.rows / max(1, labels.count)
    var values = [Float](repeating: 0, count: labels.count)
    var slopes = Matrix(rows: scores.rows, columns: scores.columns)
    let share = 1 / Float(max(1, passes))
    slopes.values.withUnsafeMutableBufferPointer { slopes in
      scores.values.withUnsafeBufferPointer { scores in
        for row in 0..<labels.count * passes {
          let range = row * logits.columns..<(row + 1) * logits.columns
          let scores = UnsafeBufferPointer(rebasing: scores[range])
          let slopes = UnsafeMutableBufferPointer(rebasing: slopes[range])
          values[row / passes] += share * loss.evaluate(scores, label: labels[row / passes], share: share, into: slopes)
        }
      }
    }
    return (values, aggregation.pullback(logits, draws: draws, slopes: slopes))
  }
}

extension AttackObjective.Loss {
  /// The loss of one row of scores.
  ///
  /// - Parameters:
  ///   - share: A factor of the slopes.
  ///   - slopes: Zeros; set to the gradient times the share.
  fileprivate func evaluate(
    _ scores: UnsafeBufferPointer<Float>, label: Int, share: Float, into slopes: UnsafeMutableBufferPointer<Float>
  ) -> Float {
    var rival = label == 0 ? 1 : 0
    for other in scores.indices where other != label && scores[other] > scores[rival] { rival = other }
    let margin = scores[rival] - scores[label]
    switch self {
    case .crossEntropy:
      let largest = Double(max(scores[rival], scores[label]))
      var (others, own) = (0.0, (Double(scores[label]) - largest).exponential)
      for other in scores.indices where other != label { others += (Double(scores[other]) - largest).exponential }
      let total = others + own
      for other in scores.indices where other != label {
        slopes[other] = share * Float((Double(scores[other]) - largest).exponential / total)
      }
      // The other classes' probability, not 1 less the own one: where that is near 1 the difference would be 0.
      slopes[label] = -share * Float(others / total)
      own = total.naturalLogarithm - (Double(scores[label]) - largest)
      return Float(own)
    case .differenceOfLogitsRatio where scores.count > 2:
      let (first, third) = firstAndThird(scores)
      let gap = scores[first] - scores[third] + 1e-12
      slopes[rival] += share / gap
      slopes[label] -= share / gap
      slopes[first] -= share * margin / gap / gap
      slopes[third] += share * margin / gap / gap
      return margin / gap
    case .margin, .differenceOfLogitsRatio:
      slopes[rival] = share
      slopes[label] = -share
      return margin
    }
  }

  /// The numbers of the largest and the third largest of at least three scores.
  private func firstAndThird(_ scores: UnsafeBufferPointer<Float>) -> (Int, Int) {
    var order = (0, 1, 2)
    if scores[order.1] > scores[order.0] { swap(&order.0, &order.1) }
    if scores[order.2] > scores[order.1] { swap(&order.1, &order.2) }
    if scores[order.1] > scores[order.0] { swap(&order.0, &order.1) }
    for other in 3..<scores.count {
      if scores[other] > scores[order.0] {
        order = (other, order.0, order.1)
      } else if scores[other] > scores[order.1] {
        order = (order.0, other, order.1)
      } else if scores[other] > scores[order.2] {
        order.2 = other
      }
    }
    return (order.0, order.2)
  }
}
