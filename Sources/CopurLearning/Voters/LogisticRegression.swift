public import CopurNumerics

/// Logistic regression of two classes with a ridge penalty: the weights β and the intercept b that minimize
/// C·Σ_s w_s·log(1 + exp(−y_s(β·x_s + b))) + ½‖β‖², with y = ±1.
///
/// Newton's method, each step halved until the objective falls. The curvature is summed in single precision, which costs
/// steps and no accuracy: what is solved for is where the gradient, in double precision, vanishes.
public struct LogisticRegression: Sendable {
  /// β, as many as an input is wide.
  public private(set) var weights: [Double]
  /// b.
  public private(set) var intercept: Double

  /// The widest input that is fitted: a step solves a linear system of this size.
  public static let widthLimit = 1024

  /// The intercept's own penalty, ½·share·b²: it keeps b finite where only one class occurs, and is too small to matter
  /// elsewhere.
  private static let interceptPenalty = 1e-4

  /// Weights of zero, where a fit starts.
  ///
  /// - Parameter width: How wide an input is.
  public init(width: Int) {
    weights = [Double](repeating: 0, count: width)
    intercept = 0
  }

  /// The log-odds of class 1 as a network of one affine layer.
  public var network: DenseNetwork {
    DenseNetwork(layers: [
      DenseLayer(
        weights: Matrix(rows: weights.count, columns: 1, values: weights.map(Float.init)), bias: [Float(intercept)],
        activation: .identity)
    ])
  }

  /// The log-odds of class 1 of each row.
  public func logits(_ inputs: Matrix) -> [Double] {
    precondition(inputs.columns == weights.count)
    return inputs.values.withUnsafeBufferPointer { values in
      (0..<inputs.rows).map { row in
        var sum = intercept
        for column in 0..<inputs.columns { sum += weights[column] * Double(values[row * inputs.columns + column]) }
        return sum
      }
    }
  }

  /// The model of inputs whose last number is a given value, without that number.
  ///
  /// - Precondition: An input has two numbers or more.
  public func fixingLastColumn(at value: Double) -> LogisticRegression {
    precondition(weights.count >= 2)
    var fixed = LogisticRegression(width: weights.count - 1)
    fixed.weights = Array(weights.dropLast())
    fixed.intercept = intercept + weights[weights.count - 1] * value
    return fixed
  }

  /// The mean of −w·log p(label) over rows.
  public func loss(_ inputs: Matrix, labels: [Int], classWeights: [Float]? = nil) -> Double {
    let losses = zip(logits(inputs), labels).map { logit, label in
      Double(classWeights?[label] ?? 1) * (logPlusOne(-abs(logit)) + max(logit, 0) - logit * Double(label))
    }
    return losses.reduce(0, +) / Double(max(1, losses.count))
  }

  /// Moves to the minimum, from where it is.
  ///
  /// - Parameters:
  ///   - inputs: [n, width], finite, at most ``widthLimit`` wide.
  ///   - labels: n classes, 0 or 1.
  ///   - classWeights: How much a row of each class counts; nil for 1 each.
  ///   - inversePenalty: C, over 0: the smaller, the smaller the weights.
  public mutating func fit(_ inputs: Matrix, labels: [Int], classWeights: [Float]? = nil, inversePenalty: Double) {
    precondition(inputs.columns == weights.count && inputs.columns <= Self.widthLimit && inputs.rows == labels.count)
    let problem = Problem(inputs: inputs, labels: labels, classWeights: classWeights, inversePenalty: inversePenalty)
    var value = problem.objective(self)
    for _ in 0..<Self.stepLimit {
      let (gradient, step) = problem.newtonStep(at: self)
      let decrease = zip(gradient, step).reduce(0) { $0 + $1.0 * $1.1 }
      guard decrease > Self.tolerance * (1 + abs(value)) else { return }
      var share = 1.0
      while true {
        let next = moved(by: step, share: -share)
        let nextValue = problem.objective(next)
        // A quarter of what the slope promises (Armijo), or a step too small to matter.
        if nextValue <= value - 0.25 * share * decrease {
          (self, value) = (next, nextValue)
          break
        }
        share /= 2
        guard share > 1e-6 else { return }
      }
    }
  }

  private static let stepLimit = 50
  private static let tolerance = 1e-9

  private func moved(by step: [Double], share: Double) -> LogisticRegression {
    var next = self
    for index in weights.indices { next.weights[index] += share * step[index] }
    next.intercept += share * step[weights.count]
    return next
  }

  /// The function that is minimized.
  private struct Problem {
    let inputs: Matrix
    let labels: [Int]
    let rowWeights: [Double]

    init(inputs: Matrix, labels: [Int], classWeights: [Float]?, inversePenalty: Double) {
      self.inputs = inputs
      self.labels = labels
      rowWeights = labels.map { inversePenalty * Double(classWeights?[$0] ?? 1) }
    }

    func objective(_ point: LogisticRegression) -> Double {
      let logits = point.logits(inputs)
      var sum = 0.0
      for (row, logit) in logits.enumerated() {
        sum += rowWeights[row] * (logPlusOne(-abs(logit)) + max(logit, 0) - logit * Double(labels[row]))
      }
      let square = point.weights.reduce(0) { $0 + $1 * $1 }
      return sum + (square + LogisticRegression.interceptPenalty * point.intercept * point.intercept) / 2
    }

    /// The gradient, the intercept's last, and the inverse curvature times it.
    func newtonStep(at point: LogisticRegression) -> (gradient: [Double], step: [Double]) {
      let (width, size) = (inputs.columns, inputs.columns + 1)
      let logits = point.logits(inputs)
      var gradient = point.weights + [LogisticRegression.interceptPenalty * point.intercept]
      // Rows times the root of their curvature, a column of ones beside them: [n, width + 1].
      let scaled = Matrix(rows: inputs.rows, columns: size) { output in
        inputs.values.withUnsafeBufferPointer { values in
          for row in 0..<inputs.rows {
            let probability = logistic(logits[row])
            let slope = rowWeights[row] * (probability - Double(labels[row]))
            let root = Float((rowWeights[row] * probability * (1 - probability)).squareRoot())
            for column in 0..<width {
              let value = values[row * width + column]
              gradient[column] += slope * Double(value)
              output[row * size + column] = root * value
            }
            gradient[width] += slope
            output[row * size + width] = root
          }
        }
      }
      var curvature = Matrix.product(scaled, .transposed, scaled).values.map(Double.init)
      for index in 0..<size {
        curvature[index * size + index] += index < width ? 1 : LogisticRegression.interceptPenalty
      }
      return (gradient, CholeskyFactor(of: curvature, size: size).solve(gradient))
    }
  }
}

/// The Cholesky factor L of a positive definite matrix A = L·Lᵀ.
struct CholeskyFactor {
  private let size: Int
  private var lower: [Double]

  /// - Parameter matrix: Row-major; a pivot that rounding leaves at 0 or under is raised to a small one.
  init(of matrix: [Double], size: Int) {
    self.size = size
    lower = matrix
    lower.withUnsafeMutableBufferPointer { lower in
      for row in 0..<size {
        for column in 0...row {
          var sum = lower[row * size + column]
          for inner in 0..<column { sum -= lower[row * size + inner] * lower[column * size + inner] }
          lower[row * size + column] =
            row == column ? max(sum, 1e-12).squareRoot() : sum / lower[column * size + column]
        }
      }
    }
  }

  /// The x of A·x = b.
  func solve(_ right: [Double]) -> [Double] {
    var x = right
    for row in 0..<size {
      for column in 0..<row { x[row] -= lower[row * size + column] * x[column] }
      x[row] /= lower[row * size + row]
    }
    for row in (0..<size).reversed() {
      for column in row + 1..<size { x[row] -= lower[column * size + row] * x[column] }
      x[row] /= lower[row * size + row]
    }
    return x
  }
}
