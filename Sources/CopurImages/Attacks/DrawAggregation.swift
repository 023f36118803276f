public import CopurNumerics

/// A way to make one score a class of the logits of several draws.
public enum DrawAggregation: String, Hashable, Sendable, Codable, CaseIterable {
  /// The mean of the logits.
  case meanLogit = "mean logit"
  /// The logarithm of the mean of the draws' softmax.
  case meanProbability = "mean probability"
  /// The logarithm of Σ exp(logit): the order of classes of CARSO (section 4.5).
  case sumOfExponentials = "sum of exponentials"
  /// The outputs of CARSO's reference code, ``CARSO/referenceLogits(_:draws:)``, with the gradient that single
  /// precision gives them: kept to show what an attack through them is worth.
  case reference = "reference"

  /// The scores of each group of draws.
  ///
  /// - Parameters:
  ///   - logits: [n · draws, classes].
  ///   - draws: At least 1.
  /// - Returns: [n, classes].
  public func scores(_ logits: Matrix, draws: Int) -> Matrix {
    precondition(draws >= 1 && logits.rows.isMultiple(of: draws))
    switch self {
    case .reference: return CARSO.referenceLogits(logits, draws: draws)
    case .sumOfExponentials: return CARSO.scores(logits, draws: draws)
    case .meanLogit, .meanProbability: break
    }
    let isLogarithm = self == .meanProbability
    let terms = isLogarithm ? Self.logSoftmax(logits) : logits
    let (groups, classes) = (logits.rows / draws, logits.columns)
    var column = [Double](repeating: 0, count: draws)
    return Matrix(rows: groups, columns: classes) { scores in
      terms.values.withUnsafeBufferPointer { terms in
        for group in 0..<groups {
          for label in 0..<classes {
            var sum = 0.0
            for draw in 0..<draws {
              column[draw] = Double(terms[(group * draws + draw) * classes + label])
              sum += column[draw]
            }
            let mean = isLogarithm ? CARSO.logSumExp(&column) - Double(draws).naturalLogarithm : sum / Double(draws)
            scores[group * classes + label] = Float(mean)
          }
        }
      }
    }
  }

  /// ∂ℓ/∂logits, [n · draws, classes].
  ///
  /// - Parameters:
  ///   - logits: [n · draws, classes].
  ///   - draws: At least 1.
  ///   - slopes: ∂ℓ/∂scores, [n, classes].
  public func pullback(_ logits: Matrix, draws: Int, slopes: Matrix) -> Matrix {
    let (groups, classes) = (logits.rows / draws, logits.columns)
    precondition(slopes.rows == groups && slopes.columns == classes)
    switch self {
    case .reference: return CARSO.referencePullback(logits, draws: draws, slopes: slopes)
    case .meanLogit:
      return Matrix(rows: logits.rows, columns: classes) { result in
        for row in 0..<logits.rows {
          for label in 0..<classes { result[row * classes + label] = slopes[row / draws, label] / Float(draws) }
        }
      }
    case .sumOfExponentials: return Self.weighted(logits, draws: draws, slopes: slopes)
    case .meanProbability:
      let terms = Self.logSoftmax(logits)
      var result = Self.weighted(terms, draws: draws, slopes: slopes)
      // Back through log-softmax: from each slope its row's sum times the class's probability is taken.
      for row in 0..<result.rows {
        let sum = result[row: row].reduce(0.0) { $0 + Double($1) }
        for label in 0..<classes { result[row, label] -= Float(sum * Double(terms[row, label]).exponential) }
      }
      return result
    }
  }

  /// ∂/∂terms of log Σ exp(terms) over the draws: each draw's share of the sum, times the slope.
  private static func weighted(_ terms: Matrix, draws: Int, slopes: Matrix) -> Matrix {
    let classes = terms.columns
    return Matrix(rows: terms.rows, columns: classes) { result in
      terms.values.withUnsafeBufferPointer { terms in
        for group in 0..<slopes.rows {
          for label in 0..<classes {
            func place(_ draw: Int) -> Int { (group * draws + draw) * classes + label }
            var largest = terms[place(0)]
            for draw in 1..<max(1, draws) { largest = max(largest, terms[place(draw)]) }
            var sum = 0.0
            for draw in 0..<draws { sum += Double(terms[place(draw)] - largest).exponential }
            let scale = Double(slopes[group, label]) / sum
            for draw in 0..<draws {
              result[place(draw)] = Float(scale * Double(terms[place(draw)] - largest).exponential)
            }
          }
        }
      }
    }
  }

  private static func logSoftmax(_ logits: Matrix) -> Matrix {
    let classes = logits.columns
    return Matrix(rows: logits.rows, columns: classes) { result in
      logits.values.withUnsafeBufferPointer { logits in
        for start in stride(from: 0, to: logits.count, by: classes) {
          var largest = logits[start]
          for label in 0..<classes { largest = max(largest, logits[start + label]) }
          var sum = 0.0
          for label in 0..<classes { sum += Double(logits[start + label] - largest).exponential }
          let total = Double(largest) + sum.naturalLogarithm
          for label in 0..<classes { result[start + label] = Float(Double(logits[start + label]) - total) }
        }
      }
    }
  }
}
