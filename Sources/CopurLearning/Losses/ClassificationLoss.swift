public import CopurNumerics

/// Cross-entropy of logits with class labels, averaged over the batch.
public enum ClassificationLoss: Hashable, Sendable, Codable {
  /// One logit: sigmoid cross-entropy, classes 0 and 1.
  case sigmoid
  /// One logit a class: softmax cross-entropy.
  case softmax

  /// The loss that fits a number of classes: one logit for two, else one a class.
  public init(classes: Int) { self = classes == 2 ? .sigmoid : .softmax }

  /// The loss of a network with so many outputs: one logit stands for two classes.
  init(logits: Int, classes: Int) { self = logits == 1 && classes == 2 ? .sigmoid : .softmax }

  /// The number of logits for a number of classes.
  public func logits(classes: Int) -> Int { self == .sigmoid ? 1 : classes }

  /// The mean loss and its gradient.
  ///
  /// - Parameters:
  ///   - logits: [n, 1] or [n, classes].
  ///   - labels: n classes, from 0.
  ///   - classWeights: How much a sample of each class counts; nil for 1 each.
  /// - Returns: The mean of −w(label)·log p(label), and ∂mean/∂logits.
  public func callAsFunction(
    _ logits: Matrix, labels: [Int], classWeights: [Float]? = nil
  ) -> (value: Float, gradient: Matrix) {
    precondition(logits.rows == labels.count)
    func weight(_ label: Int) -> Float { classWeights?[label] ?? 1 }
    var gradient = probabilities(of: logits)
    let scale = 1 / Float(max(1, labels.count))
    switch self {
    case .sigmoid:
      // [n, 2] probabilities folded into the one logit's gradient p₁ − y.
      var folded = Matrix(rows: logits.rows, columns: 1)
      for (row, label) in labels.enumerated() {
        folded[row, 0] = (gradient[row, 1] - Float(label)) * scale * weight(label)
      }
      gradient = folded
    case .softmax:
      for (row, label) in labels.enumerated() {
        for column in 0..<gradient.columns {
          gradient[row, column] = (gradient[row, column] - (column == label ? 1 : 0)) * scale * weight(label)
        }
      }
    }
    let total = labels.enumerated().reduce(0) { sum, row in
      sum + Double(weight(row.element)) * value(of: logits[row: row.offset], label: row.element)
    }
    return (Float(total) * scale, gradient)
  }

  /// Each row's own loss and gradient, for a training that selects or weighs rows.
  ///
  /// - Parameters:
  ///   - logits: [n, 1] or [n, classes].
  ///   - labels: n classes, from 0.
  /// - Returns: −log p(label) of each row, n values, and ∂(its own loss)/∂logits, of the logits' shape, not divided by n.
  public func ofEachRow(_ logits: Matrix, labels: [Int]) -> (values: [Float], gradient: Matrix) {
    var gradient = probabilities(of: logits)
    if self == .sigmoid { gradient = gradient.columns(1..<2) }
    for (row, label) in labels.enumerated() {
      switch self {
      case .sigmoid: gradient[row, 0] -= Float(label)
      case .softmax: gradient[row, label] -= 1
      }
    }
    return (values(of: logits, labels: labels), gradient)
  }

  /// Weights with which every class counts as much as any other: n/(classes · n_c) for class c, 0 for one that does not
  /// occur.
  public static func balancedWeights(labels: [Int], classes: Int) -> [Float] {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[label] += 1 }
    return counts.map { $0 == 0 ? 0 : Float(labels.count) / Float(classes * $0) }
  }

  /// −log p(label) of each row, n values.
  public func values(of logits: Matrix, labels: [Int]) -> [Float] {
    precondition(logits.rows == labels.count)
    return labels.enumerated().map { Float(value(of: logits[row: $0.offset], label: $0.element)) }
  }

  private func value(of logits: ArraySlice<Float>, label: Int) -> Double {
    guard self == .sigmoid else { return -logProbability(of: label, in: logits) }
    let logit = Double(logits[logits.startIndex])
    // log(1 + e^−|x|) + max(x, 0) − x·y does not overflow.
    return logPlusOne(-abs(logit)) + max(logit, 0) - logit * Double(label)
  }

  /// The probability of each class, [n, classes].
  public func probabilities(of logits: Matrix) -> Matrix {
    switch self {
    case .sigmoid:
      precondition(logits.columns == 1)
      return Matrix(rows: logits.rows, columns: 2) { output in
        for row in 0..<logits.rows {
          let positive = logistic(Double(logits.values[row]))
          output[2 * row] = Float(1 - positive)
          output[2 * row + 1] = Float(positive)
        }
      }
    case .softmax:
      var result = logits
      for row in 0..<logits.rows {
        let values = logits[row: row]
        let largest = values.max() ?? 0
        let exponentials = values.map { exponential(Double($0 - largest)) }
        let sum = exponentials.reduce(0, +)
        for column in 0..<logits.columns { result[row, column] = Float(exponentials[column] / sum) }
      }
      return result
    }
  }

  /// log p of each class of a softmax, [n, classes].
  public func logProbabilities(of logits: Matrix) -> Matrix {
    precondition(self == .softmax)
    return Matrix(rows: logits.rows, columns: logits.columns) { output in
      for row in 0..<logits.rows {
        let values = logits[row: row]
        for column in 0..<logits.columns {
          output[row * logits.columns + column] = Float(logProbability(of: column, in: values))
        }
      }
    }
  }

  /// The class of each row: the sign of the one logit (above 0 is class 1), or the largest logit, the first on a tie.
  public func labels(of logits: Matrix) -> [Int] {
    (0..<logits.rows).map { row in
      switch self {
      case .sigmoid: return logits[row, 0] > 0 ? 1 : 0
      case .softmax:
        var best = 0
        for column in 0..<logits.columns where logits[row, column] > logits[row, best] { best = column }
        return best
      }
    }
  }

  private func logProbability(of label: Int, in logits: ArraySlice<Float>) -> Double {
    let largest = Double(logits.max() ?? 0)
    let sum = logits.reduce(0.0) { $0 + exponential(Double($1) - largest) }
    return Double(logits[logits.startIndex + label]) - largest - logarithm(sum)
  }
}
