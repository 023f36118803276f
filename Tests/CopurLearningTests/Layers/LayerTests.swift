import CopurLearning
import CopurNumerics
import Foundation
import Testing

/// Every kind of layer against central differences. Steps in single precision leave about three digits.
@Suite("Layers against finite differences")
struct LayerTests {
  private static let step: Float = 1e-2

  static let specifications: [any LayerSpecification] = [
    DenseSpecification(outputs: 5), DenseSpecification(outputs: 3, activation: .leakyReLU(slope: 0.8)),
    ActivationSpecification(.tanh), ActivationSpecification(.logistic), ActivationSpecification(.softplus),
    ActivationSpecification(.piecewiseLinear(.leakyReLU(slope: 0.8))), LayerNormalizationSpecification(),
    AffineCouplingSpecification(hidden: 6, keepsFirst: true), AffineCouplingSpecification(hidden: 6, keepsFirst: false),
  ]

  /// A network of one layer whose parameters are random, none at a start that makes a gradient 0.
  private func network(_ specification: any LayerSpecification, width: Int, seed: UInt64) throws -> Network {
    var generator = SeededGenerator(seed: seed)
    let architecture = try Architecture(inputWidth: width, layers: [.init("only", specification)])
    return try Network(architecture) { _, shape in
      (0..<shape.reduce(1, *)).map { _ in 0.5 * Float(generator.normal()) }
    }
  }

  private func moving(_ network: Network, _ parameter: Int, _ index: Int, by shift: Float) throws -> Network {
    var values = network.parameters
    values[parameter][index] += shift
    var next = 0
    return try Network(network.architecture) { _, _ in
      defer { next += 1 }
      return values[next]
    }
  }

  /// Σ weights·output + Σ rowWeights·log-determinants, in double precision.
  private func value(_ network: Network, _ input: Matrix, _ weights: Matrix, _ rowWeights: [Float]?) -> Double {
    let trace = network.trace(input)
    var sum = zip(trace.output.values, weights.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    if let rowWeights {
      sum += zip(network.logDeterminants(trace), rowWeights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
    return sum
  }

  @Test("gradients by input and parameters, with log-determinants where a layer has them", arguments: 0..<9)
  func gradients(number: Int) throws {
    let network = try network(Self.specifications[number], width: 5, seed: UInt64(number))
    var generator = SeededGenerator(seed: UInt64(number) + 50)
    let input = generator.normalMatrix(rows: 4, columns: 5)
    let weights = generator.normalMatrix(rows: 4, columns: network.outputWidth)
    let rowWeights: [Float]? = network.isFlow ? [1, -2, 0.5, 3] : nil
    let trace = network.trace(input)
    let back =
      rowWeights.map { network.backward(trace, outputGradient: weights, logDeterminantGradient: $0) }
      ?? network.backward(trace, outputGradient: weights)
    var kinks = 0
    func compare(_ analytic: Float, _ what: String, _ value: (Float) throws -> Double) rethrows {
      let (below, middle, above) = (try value(-Self.step), try value(0), try value(Self.step))
      // A kink within the step has no slope to compare with.
      if abs((above - middle) - (middle - below)) > 0.05 * Double(Self.step) * max(1, Double(abs(analytic))) {
        kinks += 1
        return
      }
      let numeric = (above - below) / Double(2 * Self.step)
      #expect(abs(Double(analytic) - numeric) < 2e-3 + 1e-2 * abs(numeric), "\(what): \(analytic), \(numeric)")
    }
    for index in input.values.indices {
      compare(back.input.values[index], "input \(index)") { shift in
        var moved = input
        moved.values[index] += shift
        return value(network, moved, weights, rowWeights)
      }
    }
    for (parameter, values) in network.parameters.enumerated() {
      for index in values.indices {
        try compare(back.parameters[parameter][index], "parameter \(parameter).\(index)") { shift in
          value(try moving(network, parameter, index, by: shift), input, weights, rowWeights)
        }
      }
    }
    #expect(kinks <= 4)
    if rowWeights == nil { #expect(network.pullback(trace, outputGradient: weights) == back.input) }
  }

  @Test("a row is the same, bit for bit, in any batch", arguments: 0..<9)
  func batches(number: Int) throws {
    let network = try network(Self.specifications[number], width: 6, seed: 3)
    var generator = SeededGenerator(seed: 4)
    let input = generator.normalMatrix(rows: 9, columns: 6)
    let weights = generator.normalMatrix(rows: 9, columns: network.outputWidth)
    let (together, trace) = (network.infer(input), network.trace(input))
    #expect(trace.output == together)
    let pulled = network.pullback(trace, outputGradient: weights)
    for row in 0..<9 {
      let alone = input.selecting(rows: [row])
      #expect(network.infer(alone).values == Array(together[row: row]))
      let back = network.pullback(network.trace(alone), outputGradient: weights.selecting(rows: [row]))
      #expect(back.values == Array(pulled[row: row]))
    }
  }

  private func flow(seed: UInt64) throws -> Network {
    var generator = SeededGenerator(seed: seed)
    let architecture = try Architecture(
      inputWidth: 5,
      layers: (0..<4).map { .init("\($0)", AffineCouplingSpecification(hidden: 8, keepsFirst: $0 % 2 == 0)) })
    return try Network(architecture) { _, shape in
      (0..<shape.reduce(1, *)).map { _ in 0.4 * Float(generator.normal()) }
    }
  }

  @Test("a flow of couplings is inverted, and its log-determinant is that of its Jacobian", arguments: [UInt64](0..<4))
  func flows(seed: UInt64) throws {
    let flow = try flow(seed: seed)
    var generator = SeededGenerator(seed: seed + 20)
    let input = generator.normalMatrix(rows: 3, columns: 5)
    let trace = flow.trace(input)
    for (back, value) in zip(flow.inverse(trace.output).values, input.values) { #expect(abs(back - value) < 1e-4) }
    for row in 0..<3 {
      // Row j of the Jacobian is the pullback of unit vector j.
      let alone = flow.trace(input.selecting(rows: [row]))
      let jacobian = (0..<5).map { unit in
        flow.pullback(alone, outputGradient: Matrix([(0..<5).map { $0 == unit ? 1 : 0 }])).values.map(Double.init)
      }
      #expect(abs(Double(flow.logDeterminants(trace)[row]) - logDeterminant(jacobian)) < 1e-3)
    }
  }

  /// log |det A|, by elimination with pivots.
  private func logDeterminant(_ matrix: [[Double]]) -> Double {
    var rows = matrix
    var sum = 0.0
    for column in rows.indices {
      let pivot = (column..<rows.count).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
      rows.swapAt(column, pivot)
      sum += log(abs(rows[column][column]))
      for row in column + 1..<max(rows.count, column + 1) {
        let factor = rows[row][column] / rows[column][column]
        for index in rows.indices { rows[row][index] -= factor * rows[column][index] }
      }
    }
    return sum
  }

  @Test("a flow learns to make a stretched cloud standard normal")
  func trainsFlow() throws {
    var generator = SeededGenerator(seed: 9)
    let architecture = try Architecture(
      inputWidth: 2,
      layers: (0..<4).map { .init("\($0)", AffineCouplingSpecification(hidden: 8, keepsFirst: $0 % 2 == 0)) })
    var flow = try Network(architecture, using: &generator)
    var data = generator.normalMatrix(rows: 400, columns: 2)
    for row in 0..<data.rows { data[row, 1] = 1 + 0.2 * data[row, 1] + 0.5 * data[row, 0] * data[row, 0] }
    /// The mean of ½‖y‖² − log |det|: the negative log-likelihood but for a constant.
    func loss(_ trace: Network.Trace) -> Float {
      let squares = trace.output.values.reduce(0) { $0 + $1 * $1 } / 2
      return (squares - flow.logDeterminants(trace).reduce(0, +)) / 400
    }
    let before = loss(flow.trace(data))
    var optimizer = Optimizer(.adam(), learningRate: 0.01)
    for _ in 0..<300 {
      let trace = flow.trace(data, in: .training(seed: 0))
      var gradient = trace.output
      for index in gradient.values.indices { gradient.values[index] /= 400 }
      let back = flow.backward(
        trace, outputGradient: gradient, logDeterminantGradient: [Float](repeating: -1 / 400, count: 400))
      flow.update(by: back.parameters, with: &optimizer)
    }
    // The entropy says that no flow is better than 1 + log 0.2 ≈ −0.61.
    #expect(before > 1 && loss(flow.trace(data)) < -0.45)
  }
}
