public import CopurNumerics

/// Gradient steps on a network's inputs, without a projection: the adversarial examples of a training.
///
/// Every step is a combination of the columns of the first layer's weights W₁, so the steps are taken in the product x·W₁,
/// where a step along g = δ·W₁ᵀ is one along δ·W₁ᵀW₁ and ‖g‖² is δ·W₁ᵀW₁·δᵀ. The input is moved once, at the end; in exact
/// arithmetic that is the same point.
public struct InputDescent: Hashable, Sendable {
  /// The directions that a step takes from a gradient.
  public enum Direction: String, Hashable, Sendable, Codable, CaseIterable {
    /// g/‖g‖₂: steps do not shrink where the loss saturates.
    case normalized
    /// g itself.
    case raw
  }

  /// The size of a step; over 0.
  public var step: Float
  /// The number of steps; at least 1.
  public var iterations: Int
  /// The direction that a step takes from a gradient.
  public var direction: Direction

  /// - Precondition: `step` is over 0, `iterations` at least 1.
  public init(step: Float, iterations: Int, direction: Direction) {
    precondition(step > 0 && iterations >= 1)
    self.step = step
    self.iterations = iterations
    self.direction = direction
  }

  /// Moves each row of a batch.
  ///
  /// - Parameters:
  ///   - inputs: [n, inputWidth].
  ///   - labels: The class of each row whose cross-entropy is followed.
  ///   - ascends: Whether that loss is to grow (away from the class) or to shrink (towards it).
  ///   - columns: The columns of each row that may change; nil for all columns of all rows.
  /// - Returns: [n, inputWidth].
  public func move(
    _ inputs: Matrix, through network: DenseNetwork, loss: ClassificationLoss, labels: [Int], ascends: Bool,
    columns: [Range<Int>]? = nil
  ) -> Matrix {
    precondition(labels.count == inputs.rows && columns.map { $0.count == inputs.rows } ?? true)
    let weights = network.layers[0].weights
    let width = weights.columns
    var grams: [Range<Int>: Matrix] = [:]
    for range in columns ?? [0..<weights.rows] where grams[range] == nil {
      let rows = Matrix(
        rows: range.count, columns: width,
        values: Array(weights.values[range.lowerBound * width..<range.upperBound * width]))
      grams[range] = Matrix.product(rows, .transposed, rows)
    }
    let ofRows = (columns ?? []).compactMap { grams[$0] }
    let ofAll = grams[0..<weights.rows]
    let signedStep = ascends ? step : -step
    var product = Matrix.product(inputs, weights)
    var moves = Matrix(rows: inputs.rows, columns: width)
    for _ in 0..<iterations {
      let slopes = network.gradient(firstProduct: product) { output in
        var gradient = loss(output, labels: labels).gradient
        for index in gradient.values.indices { gradient.values[index] *= Float(labels.count) }
        return gradient
      }
      for row in 0..<inputs.rows {
        guard let gram = columns == nil ? ofAll : ofRows[row] else { continue }
        advance(row, along: slopes, gram: gram, by: signedStep, &product, &moves)
      }
    }
    var moved = Matrix.product(moves, .plain, weights, .transposed)
    if let columns {
      for (row, range) in columns.enumerated() {
        for column in 0..<moved.columns where !range.contains(column) { moved[row, column] = 0 }
      }
    }
    moved.add(inputs)
    return moved
  }

  private func advance(
    _ row: Int, along slopes: Matrix, gram: Matrix, by step: Float, _ product: inout Matrix, _ moves: inout Matrix
  ) {
    let width = slopes.columns
    slopes.values.withUnsafeBufferPointer { slopes in
      gram.values.withUnsafeBufferPointer { gram in
        product.values.withUnsafeMutableBufferPointer { product in
          moves.values.withUnsafeMutableBufferPointer { moves in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { along in
              along.initialize(repeating: 0)
              for inner in 0..<width {
                let slope = slopes[row * width + inner]
                for column in 0..<width { along[column] += slope * gram[inner * width + column] }
              }
              var scale = step
              if direction == .normalized {
                var square: Float = 0
                for column in 0..<width { square += along[column] * slopes[row * width + column] }
                // A gradient of exactly 0 has no direction: the row stays where it is.
                guard square > 0 else { return }
                scale /= square.squareRoot()
              }
              for column in 0..<width {
                product[row * width + column] += scale * along[column]
                moves[row * width + column] += scale * slopes[row * width + column]
              }
            }
          }
        }
      }
    }
  }
}
