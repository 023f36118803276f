internal import CopurLearning
internal import CopurNumerics

/// One voter: dense layers with ReLU between them, from its pixels to a logit a class.
///
/// Samples are columns, so that an operation on all samples of one unit is on neighbouring numbers; each column of a result
/// is the same, bit for bit, in any company.
struct Submodel: Hashable, Sendable {
  /// W of each layer, [outputs, inputs].
  var weights: [Matrix]
  /// b of each layer.
  var biases: [[Float]]

  init(weights: [Matrix], biases: [[Float]]) {
    self.weights = weights
    self.biases = biases
  }

  /// Weights uniform in ±√(6 / inputs) (He et al. 2015, for ReLU), the last layer's in ±√(6 / (inputs + outputs)) (Glorot and
  /// Bengio 2010); bias 0.
  ///
  /// - Parameter widths: Of the input, the hidden layers, and the classes.
  init(widths: [Int], using generator: inout SeededGenerator) {
    weights = []
    biases = []
    for (layer, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
      let isLast = layer == widths.count - 2
      let limit = (6 / Float(isLast ? inputs + outputs : inputs)).squareRoot()
      var matrix = Matrix(rows: outputs, columns: inputs)
      for index in matrix.values.indices { matrix.values[index] = generator.uniform(-limit, limit) }
      weights.append(matrix)
      biases.append([Float](repeating: 0, count: outputs))
    }
  }

  /// The output of each layer, [width, n], the last one's the logits.
  ///
  /// - Parameter input: [pixels · channels, n].
  func outputs(_ input: Matrix) -> [Matrix] {
    var outputs: [Matrix] = []
    var current = input
    for layer in weights.indices {
      current = Matrix.product(weights[layer], current)
      Self.finish(&current, bias: biases[layer], isRectified: layer < weights.count - 1)
      outputs.append(current)
    }
    return outputs
  }

  /// The logits, [classes, n].
  ///
  /// - Parameter input: [pixels · channels, n].
  func logits(_ input: Matrix) -> Matrix {
    var current = input
    for layer in weights.indices {
      current = Matrix.product(weights[layer], current)
      Self.finish(&current, bias: biases[layer], isRectified: layer < weights.count - 1)
    }
    return current
  }

  /// One step of an optimiser along ∂ℓ/∂parameters.
  ///
  /// - Parameters:
  ///   - input: [pixels · channels, n].
  ///   - outputs: Of ``outputs(_:)``.
  ///   - logitGradient: ∂ℓ/∂logits, [classes, n], 0 in columns that do not count.
  mutating func update(input: Matrix, outputs: [Matrix], logitGradient: Matrix, with optimizer: inout Optimizer) {
    let gradients = gradients(input: input, outputs: outputs, logitGradient: logitGradient)
    optimizer.beginStep()
    for layer in weights.indices {
      optimizer.move(&weights[layer].values, along: gradients[layer].weights)
      optimizer.move(&biases[layer], along: gradients[layer].bias)
    }
  }

  /// ∂ℓ/∂W and ∂ℓ/∂b of each layer.
  func gradients(
    input: Matrix, outputs: [Matrix], logitGradient: Matrix
  ) -> [(weights: [Float], bias: [Float])] {
    var gradients: [(weights: [Float], bias: [Float])] = []
    var gradient = logitGradient
    for layer in weights.indices.reversed() {
      let below = layer == 0 ? input : outputs[layer - 1]
      gradients.append((Matrix.product(gradient, .plain, below, .transposed).values, Self.rowSums(gradient)))
      if layer > 0 {
        gradient = Matrix.product(weights[layer], .transposed, gradient)
        Self.block(&gradient, where: outputs[layer - 1])
      }
    }
    return gradients.reversed()
  }

  /// Adds the bias of each row, and takes max(x, 0) where there is an activation.
  private static func finish(_ matrix: inout Matrix, bias: [Float], isRectified: Bool) {
    let (rows, columns) = (matrix.rows, matrix.columns)
    matrix.values.withUnsafeMutableBufferPointer { values in
      guard let values = values.baseAddress else { return }
      for row in 0..<rows {
        let (start, shift) = (values + row * columns, bias[row])
        if isRectified {
          for column in 0..<columns {
            let value = start[column] + shift
            start[column] = value > 0 ? value : 0
          }
        } else {
          for column in 0..<columns { start[column] += shift }
        }
      }
    }
  }

  /// Sets a gradient to 0 where the activation was 0.
  private static func block(_ gradient: inout Matrix, where output: Matrix) {
    gradient.values.withUnsafeMutableBufferPointer { gradient in
      output.values.withUnsafeBufferPointer { output in
        guard let start = gradient.baseAddress, let output = output.baseAddress else { return }
        VectorKernels.rectifyGradient(UnsafePointer(start), at: output, slope: 0, into: start, count: gradient.count)
      }
    }
  }

  private static func rowSums(_ matrix: Matrix) -> [Float] {
    let columns = matrix.columns
    return matrix.values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return [Float](repeating: 0, count: matrix.rows) }
      return (0..<matrix.rows).map { row in
        var sums = ClassShares.Lanes.zero
        var column = 0
        while column + ClassShares.lanes <= columns {
          sums += ClassShares.load(values + row * columns + column)
          column += ClassShares.lanes
        }
        var total = sums.sum()
        while column < columns {
          total += values[row * columns + column]
          column += 1
        }
        return total
      }
    }
  }
}
