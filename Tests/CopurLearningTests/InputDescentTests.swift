import CopurLearning
import CopurNumerics
import Testing

@Suite("InputDescent")
struct InputDescentTests {
  private let layout = BlockLayout(widths: [2, 3, 2])

  private func network(_ outputs: Int) -> DenseNetwork {
    var generator = SeededGenerator(seed: 4)
    return DenseNetwork(widths: [7, 5, 4, outputs], hidden: .leakyReLU(slope: 0.3), using: &generator)
  }

  private var inputs: Matrix {
    var generator = SeededGenerator(seed: 5)
    return generator.normalMatrix(rows: 6, columns: 7)
  }

  /// The same steps taken on the inputs themselves.
  private func plain(
    _ descent: InputDescent, _ network: DenseNetwork, _ loss: ClassificationLoss, labels: [Int], ascends: Bool,
    columns: [Range<Int>]
  ) -> Matrix {
    var moved = inputs
    for _ in 0..<descent.iterations {
      let trace = network.trace(moved)
      let slopes = network.backward(trace, outputGradient: loss(trace.output, labels: labels).gradient).input
      for row in 0..<moved.rows {
        // The loss is a mean: a row's own gradient is as many times as large.
        let own = columns[row].map { (column: $0, slope: slopes[row, $0] * Float(moved.rows)) }
        let length =
          descent.direction == .raw ? 1 : own.reduce(Float(0)) { $0 + $1.slope * $1.slope }.squareRoot()
        for (column, slope) in own { moved[row, column] += (ascends ? 1 : -1) * descent.step * slope / length }
      }
    }
    return moved
  }

  @Test(
    "steps behind the first layer end where steps on the inputs do",
    arguments: [true, false], InputDescent.Direction.allCases)
  func reduced(ascends: Bool, direction: InputDescent.Direction) {
    let descent = InputDescent(step: 0.2, iterations: 12, direction: direction)
    for (loss, outputs, labels) in [
      (ClassificationLoss.sigmoid, 1, [0, 1, 1, 0, 1, 0]), (.softmax, 3, [0, 1, 2, 2, 1, 0]),
    ] {
      let blocks = [0, 1, 2, 0, 1, 2].map { layout[$0] }
      for columns in [blocks, nil] {
        let moved = descent.move(
          inputs, through: network(outputs), loss: loss, labels: labels, ascends: ascends, columns: columns)
        let expected = plain(
          descent, network(outputs), loss, labels: labels, ascends: ascends,
          columns: columns ?? labels.map { _ in 0..<7 })
        #expect(zip(moved.values, expected.values).allSatisfy { abs($0 - $1) < 1e-3 }, "\(loss), \(columns == nil)")
        #expect(moved != inputs)
      }
    }
  }

  @Test("columns that are not attacked stay as they are, bit for bit")
  func untouched() {
    let descent = InputDescent(step: 3, iterations: 5, direction: .normalized)
    let moved = descent.move(
      inputs, through: network(1), loss: .sigmoid, labels: [0, 1, 1, 0, 1, 0], ascends: true,
      columns: [Int](repeating: 1, count: 6).map { layout[$0] })
    for row in 0..<6 {
      for column in [0, 1, 5, 6] { #expect(moved[row, column] == inputs[row, column]) }
      #expect((2..<5).contains { moved[row, $0] != inputs[row, $0] })
    }
  }

  @Test("the gradient behind the first layer is that of finite differences, and inference from there the network's own")
  func gradient() {
    let network = network(3)
    let labels = [0, 1, 2, 2, 1, 0]
    let loss = ClassificationLoss.softmax
    let product = Matrix.saturatingProduct(inputs, network.layers[0].weights)
    #expect(network.infer(firstProduct: product) == network.infer(inputs))
    let gradient = network.gradient(firstProduct: product) { loss($0, labels: labels).gradient }
    for index in product.values.indices {
      func value(_ change: Float) -> Float {
        var moved = product
        moved.values[index] += change
        return loss(network.infer(firstProduct: moved), labels: labels).value
      }
      #expect(abs((value(1e-2) - value(-1e-2)) / 2e-2 - gradient.values[index]) < 1e-3)
    }
  }
}
