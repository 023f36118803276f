import CopurLearning
import CopurNumerics
import Testing

/// Every layer's and loss's gradient against central differences.
@Suite("Gradients against finite differences")
struct GradientTests {
  static let activations: [Activation] = [.identity, .relu, .leakyReLU(slope: 0.8)]
  static let step: Float = 1e-3

  /// Compares an analytic slope with the central difference. A kink of a ReLU within the step, where the two one-sided
  /// slopes differ, has no slope to compare with; those are counted, so that they stay exceptions.
  private struct Comparison {
    var kinks = 0
    var compared = 0

    mutating func compare(
      _ analytic: Float, below: Float, at middle: Float, above: Float, _ what: String, _ location: SourceLocation
    ) {
      let (left, right) = ((middle - below) / step, (above - middle) / step)
      if abs(left - right) > 1e-3 + 1e-2 * abs(left) {
        kinks += 1
        return
      }
      compared += 1
      let numeric = (above - below) / (2 * step)
      #expect(
        abs(analytic - numeric) < 1e-3 + 1e-2 * abs(numeric), "\(what): \(analytic), by differences \(numeric)",
        sourceLocation: location)
    }
  }

  private func network(_ activation: Activation, outputs: Int, seed: UInt64) -> (DenseNetwork, Matrix) {
    var generator = SeededGenerator(seed: seed)
    let network = DenseNetwork(widths: [5, 7, 6, outputs], hidden: activation, using: &generator)
    return (network, generator.normalMatrix(rows: 4, columns: 5))
  }

  private func check(
    _ network: DenseNetwork, _ input: Matrix, loss: (Matrix) -> (value: Float, gradient: Matrix),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let trace = network.trace(input)
    let (inputGradient, gradient) = network.backward(trace, outputGradient: loss(trace.output).gradient)
    let middle = loss(trace.output).value
    var comparison = Comparison()
    func compare(_ analytic: Float, _ what: String, _ value: (Float) -> Float) {
      comparison.compare(
        analytic, below: value(-Self.step), at: middle, above: value(Self.step), what, sourceLocation)
    }
    for index in input.values.indices {
      compare(inputGradient.values[index], "input \(index)") { shift in
        var moved = input
        moved.values[index] += shift
        return loss(network.forward(moved)).value
      }
    }
    for layer in network.layers.indices {
      for index in network.layers[layer].weights.values.indices {
        compare(gradient.weights[layer].values[index], "weight \(layer).\(index)") { shift in
          var moved = network
          moved.layers[layer].weights.values[index] += shift
          return loss(moved.forward(input)).value
        }
      }
      for index in network.layers[layer].bias.indices {
        compare(gradient.biases[layer][index], "bias \(layer).\(index)") { shift in
          var moved = network
          moved.layers[layer].bias[index] += shift
          return loss(moved.forward(input)).value
        }
      }
    }
    #expect(comparison.compared > 100 && comparison.kinks * 10 < comparison.compared, sourceLocation: sourceLocation)
  }

  @Test("softmax cross-entropy through dense layers", arguments: activations)
  func softmax(activation: Activation) {
    let (network, input) = network(activation, outputs: 3, seed: 11)
    check(network, input) { ClassificationLoss.softmax($0, labels: [0, 2, 1, 1]) }
  }

  @Test("sigmoid cross-entropy through dense layers", arguments: activations)
  func sigmoid(activation: Activation) {
    let (network, input) = network(activation, outputs: 1, seed: 12)
    check(network, input) { ClassificationLoss.sigmoid($0, labels: [0, 1, 1, 0]) }
  }

  @Test("reconstruction through dense layers", arguments: activations)
  func reconstruction(activation: Activation) {
    let (network, input) = network(activation, outputs: 5, seed: 13)
    let target = Matrix(rows: 4, columns: 5, repeating: 0.5)
    check(network, input) { ReconstructionLoss.evaluate($0, against: target) }
  }

  @Test("Jacobians in forward mode", arguments: activations)
  func jacobians(activation: Activation) {
    let (network, input) = network(activation, outputs: 4, seed: 14)
    let (output, jacobians) = network.forwardWithJacobians(input)
    #expect(output == network.forward(input))
    var comparison = Comparison()
    for sample in 0..<input.rows {
      for column in 0..<input.columns {
        var (up, down) = (input, input)
        up[sample, column] += Self.step
        down[sample, column] -= Self.step
        let (high, low) = (network.forward(up), network.forward(down))
        for index in 0..<4 {
          comparison.compare(
            jacobians[sample * input.columns + column, index], below: low[sample, index], at: output[sample, index],
            above: high[sample, index], "sample \(sample), input \(column), output \(index)", #_sourceLocation)
        }
      }
    }
    #expect(comparison.compared > 60)
  }

  @Test("losses have the values that logarithms give, and stay finite for huge logits")
  func values() {
    let (half, _) = ClassificationLoss.sigmoid(Matrix([[0]]), labels: [1])
    #expect(abs(half - 0.693147) < 1e-5)
    let (sure, _) = ClassificationLoss.sigmoid(Matrix([[1e30]]), labels: [1])
    #expect(sure == 0)
    let (wrong, gradient) = ClassificationLoss.sigmoid(Matrix([[-200]]), labels: [1])
    #expect(abs(wrong - 200) < 1e-3)
    #expect(gradient == Matrix([[-1]]))
    let (uniform, _) = ClassificationLoss.softmax(Matrix([[3, 3, 3, 3]]), labels: [2])
    #expect(abs(uniform - 1.386294) < 1e-5)
    let (far, _) = ClassificationLoss.softmax(Matrix([[1000, 0]]), labels: [1])
    #expect(abs(far - 1000) < 1e-2)
  }
}
