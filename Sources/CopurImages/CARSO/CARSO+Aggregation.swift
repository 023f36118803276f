public import CopurNumerics

extension CARSO {
  /// log Σ_α exp(l_i^α) of each class i over the draws α of a picture, [n, classes]: the order of classes of P_i ∝ Π_α
  /// exp(exp(l_i^α)) (section 4.5), finite for finite logits.
  ///
  /// - Parameters:
  ///   - logits: [n · draws, classes], the draws of a picture one after the other.
  ///   - draws: At least 1.
  public static func scores(_ logits: Matrix, draws: Int) -> Matrix {
    var column = [Double](repeating: 0, count: draws)
    return Matrix(rows: logits.rows / draws, columns: logits.columns) { scores in
      forEachScore(logits, draws: draws, using: &column) { scores[$0 * logits.columns + $1] = Float($2) }
    }
  }

  /// The class of each picture: the largest score, the first class on a tie.
  ///
  /// - Parameters:
  ///   - logits: [n · draws, classes], the draws of a picture one after the other.
  ///   - draws: At least 1.
  public static func predictions(of logits: Matrix, draws: Int) -> [Int] {
    var labels = [Int](repeating: 0, count: logits.rows / draws)
    var largest = [Double](repeating: -.infinity, count: labels.count)
    var column = [Double](repeating: 0, count: draws)
    forEachScore(logits, draws: draws, using: &column) { row, label, score in
      if score > largest[row] { (labels[row], largest[row]) = (label, score) }
    }
    return labels
  }

  private static func forEachScore(
    _ logits: Matrix, draws: Int, using column: inout [Double], _ body: (Int, Int, Double) -> Void
  ) {
    precondition(draws >= 1 && logits.rows.isMultiple(of: draws))
    let classes = logits.columns
    logits.values.withUnsafeBufferPointer { logits in
      for row in 0..<logits.count / max(1, draws * classes) {
        for label in 0..<classes {
          for draw in 0..<draws { column[draw] = Double(logits[(row * draws + draw) * classes + label]) }
          body(row, label, logSumExp(&column))
        }
      }
    }
  }

  /// log Σ exp(x), at least one. The values are sorted, so that the order of draws does not change the last bit and
  /// with it a tie.
  static func logSumExp(_ values: inout [Double]) -> Double {
    values.sort()
    let largest = values[values.count - 1]
    var sum = 0.0
    for value in values { sum += (value - largest).exponential }
    return largest + sum.naturalLogarithm
  }

  // MARK: The reference code's

  /// The outputs that CARSO's reference code hands to an attack: log(P/(1 − P)) of a softmax of Σ exp(logit), in single
  /// precision, [n, classes].
  ///
  /// As soon as Σ exp of the first class exceeds that of the second by about 17, P is 1, the output infinite and its
  /// gradient no number: sign(NaN) moves nothing, and an attack stands still. Here to measure that; the class of a
  /// picture is ``predictions(of:draws:)``.
  ///
  /// - Parameters:
  ///   - logits: [n · draws, classes], the draws of a picture one after the other.
  ///   - draws: At least 1.
  public static func referenceLogits(_ logits: Matrix, draws: Int) -> Matrix {
    var result = referenceProbabilities(logits, draws: draws)
    for index in result.values.indices {
      let probability = result.values[index]
      result.values[index] = logarithm(probability / (1 - probability))
    }
    return result
  }

  private static func referenceProbabilities(_ logits: Matrix, draws: Int) -> Matrix {
    precondition(draws >= 1 && logits.rows.isMultiple(of: draws))
    var exponentials = logits
    for index in exponentials.values.indices { exponentials.values[index] = exponential(logits.values[index]) }
    var result = exponentials.sumsOfRows(inGroupsOf: draws)
    for row in 0..<result.rows {
      let largest = result[row: row].max() ?? 0
      var sum: Float = 0
      for label in 0..<result.columns {
        result[row, label] = exponential(result[row, label] - largest)
        sum += result[row, label]
      }
      for label in 0..<result.columns { result[row, label] /= sum }
    }
    return result
  }

  /// ∂ℓ/∂logits by way of ``referenceLogits(_:draws:)``, in single precision and in the steps of automatic
  /// differentiation: log, quotient, softmax, sum, exp.
  static func referencePullback(_ logits: Matrix, draws: Int, slopes: Matrix) -> Matrix {
    let probabilities = referenceProbabilities(logits, draws: draws)
    var ofSums = slopes
    for row in 0..<slopes.rows {
      var along: Float = 0
      for label in 0..<slopes.columns {
        let (p, rest) = (probabilities[row, label], 1 - probabilities[row, label])
        let ofOdds = slopes[row, label] / (p / rest)
        ofSums[row, label] = ofOdds / rest + ofOdds * p / (rest * rest)
        along += ofSums[row, label] * p
      }
      for label in 0..<slopes.columns {
        ofSums[row, label] = probabilities[row, label] * (ofSums[row, label] - along)
      }
    }
    var result = logits
    for row in 0..<logits.rows {
      for label in 0..<logits.columns {
        result[row, label] = ofSums[row / draws, label] * exponential(logits[row, label])
      }
    }
    return result
  }
}
