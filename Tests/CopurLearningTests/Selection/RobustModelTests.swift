import CopurLearning
import CopurNumerics
import Foundation
import Testing

@Suite("Models that leave rows out")
struct RobustModelTests {
  @Test("per-row gradient norms in closed form are those of each row alone")
  func gradientNorms() {
    var generator = SeededGenerator(seed: 3)
    let network = DenseNetwork(widths: [4, 7, 5, 3], hidden: .leakyReLU(slope: 0.1), using: &generator)
    let inputs = generator.normalMatrix(rows: 6, columns: 4)
    let slopes = generator.normalMatrix(rows: 6, columns: 3)
    let squares = network.gradientSquares(network.trace(inputs), outputGradient: slopes)
    for row in 0..<6 {
      let alone = network.backward(
        network.trace(inputs.selecting(rows: [row])), outputGradient: slopes.selecting(rows: [row])
      ).parameters
      let expected =
        alone.weights.flatMap(\.values).reduce(0) { $0 + $1 * $1 }
        + alone.biases.joined().reduce(0) { $0 + $1 * $1 }
      #expect(abs(squares[row] - expected) < 1e-4 * expected)
    }
  }

  @Test("the estimate of a spectral norm is the largest singular value, and limiting brings it down to the limit")
  func spectralNorm() throws {
    var generator = SeededGenerator(seed: 4)
    var matrix = generator.normalMatrix(rows: 9, columns: 6)
    func exact(_ matrix: Matrix) throws -> Double {
      let gram = Matrix.product(matrix, .transposed, matrix)
      return try SymmetricEigen(of: gram.values.map(Double.init), size: 6).values[0].squareRoot()
    }
    var norm = SpectralNorm(width: 6)
    for _ in 0..<20 { _ = norm.estimate(of: matrix) }
    #expect(abs(Double(norm.estimate(of: matrix)) - (try exact(matrix))) < 1e-3)
    norm.limit(&matrix, to: 1.5)
    #expect(abs(try exact(matrix) - 1.5) < 1e-3)
    let before = matrix
    norm.limit(&matrix, to: 3)
    #expect(matrix == before, "a smaller norm stays")
  }

  @Test("a flow's steps keep every layer's spectral norm within its limit")
  func limitedFlow() throws {
    var generator = SeededGenerator(seed: 5)
    let rows = generator.normalMatrix(rows: 64, columns: 5, standardDeviation: 3)
    var shape = NormalizingFlow.Shape()
    (shape.couplings, shape.hidden, shape.spectralLimit) = (2, 8, 0.5)
    var flow = try NormalizingFlow(
      shape, inputs: rows, optimizer: Optimizer(.adam(), learningRate: 0.05), using: &generator)
    for step in 0..<40 { _ = flow.step(onLeastDoubted: 50, of: Array(0..<64), seed: UInt64(step)) }
    for layer in flow.network.layers {
      let coupling = try #require(layer as? AffineCoupling)
      for network in [coupling.scale, coupling.shift] {
        for case let dense as DenseLayer in network.layers {
          let gram = Matrix.product(dense.weights, .transposed, dense.weights)
          let largest = try SymmetricEigen(of: gram.values.map(Double.init), size: dense.weights.columns).values[0]
          #expect(largest.squareRoot() < 0.55)
        }
      }
    }
  }

  @Test("a flow learns a density that is far higher where rows are, and integrates to one")
  func density() throws {
    var generator = SeededGenerator(seed: 6)
    var rows = generator.normalMatrix(rows: 400, columns: 2, standardDeviation: 0.5)
    for row in 0..<400 { rows[row, 1] += rows[row, 0] * rows[row, 0] }
    var shape = NormalizingFlow.Shape()
    (shape.couplings, shape.hidden) = (4, 16)
    var flow = [
      try NormalizingFlow(shape, inputs: rows, optimizer: Optimizer(.adam(), learningRate: 0.005), using: &generator)
    ]
    try SelectiveTraining(share: KeptShare(leftOut: 0, over: 0), exchanges: false, epochs: 60, batch: 50).train(
      &flow, rows: 400, using: &generator)
    let step: Float = 0.1
    var grid: [[Float]] = []
    for x in stride(from: Float(-4), to: 4, by: step) {
      for y in stride(from: Float(-4), to: 6, by: step) { grid.append([x, y]) }
    }
    let mass = flow[0].negativeLogDensities(Matrix(grid)).reduce(0.0) { $0 + exp(-Double($1)) } * Double(step * step)
    #expect(abs(mass - 1) < 0.05)
    let scores = flow[0].negativeLogDensities(Matrix([[0, 0], [2, -2]]))
    #expect(scores[1] > scores[0] + 5)
  }

  @Test("an autoencoder that leaves the worst rows out keeps them worse than one that does not")
  func selection() throws {
    let rows = Matrix(
      (0..<200).map { row in
        // A line, and a tenth of the rows far from it.
        let place = Float(row) / 200
        return row % 10 == 0 ? [place, 1 - place, 1, 0] : [place, place, place, place]
      })
    var shape = DropoutAutoencoder.Shape()
    (shape.hidden, shape.code, shape.dropout) = (16, 1, 0)
    func excess(_ leftOut: Double) throws -> Float {
      var generator = SeededGenerator(seed: 8)
      var models = (0..<2).map { _ in
        DropoutAutoencoder(
          shape, inputs: rows, optimizer: Optimizer(.adam(), learningRate: 0.003), using: &generator)
      }
      try SelectiveTraining(share: KeptShare(leftOut: leftOut, over: 20), exchanges: true, epochs: 120, batch: 50)
        .train(&models, rows: 200, using: &generator)
      let errors = models[0].errors(of: rows, seed: nil)
      let (bad, good) = (errors.indices.filter { $0 % 10 == 0 }, errors.indices.filter { $0 % 10 != 0 })
      return bad.reduce(0) { $0 + errors[$1] } / Float(bad.count)
        / (good.reduce(0) { $0 + errors[$1] } / Float(good.count))
    }
    #expect(try excess(0.15) > 2 * (try excess(0)))
  }

  @Test("dropout drops a share, keeps the mean, and follows from the seed alone")
  func dropout() {
    var values = [Float](repeating: 1, count: 20_000)
    let factors = VectorKernels.dropout(&values, seed: 9, rate: 0.3)
    #expect(values == factors)
    let zeros = Double(values.count { $0 == 0 }) / 20_000
    #expect(abs(zeros - 0.3) < 0.015)
    #expect(values.allSatisfy { $0 == 0 || abs($0 - 1 / 0.7) < 1e-5 })
    var again = [Float](repeating: 1, count: 20_000)
    _ = VectorKernels.dropout(&again, seed: 9, rate: 0.3)
    #expect(values == again)
    _ = VectorKernels.dropout(&again, seed: 10, rate: 0.3)
    #expect(values != again)
  }

  @Test("an isolation forest gives what is alone the highest score")
  func isolation() {
    var generator = SeededGenerator(seed: 10)
    var rows = generator.normalMatrix(rows: 300, columns: 3)
    for column in 0..<3 { rows[17, column] = 9 }
    let scores = IsolationForest(.init(), fitting: rows, using: &generator).scores(rows)
    #expect(scores.indices.max { scores[$0] < scores[$1] } == 17)
    #expect(scores.allSatisfy { $0 > 0 && $0 < 1 })
  }

  @Test("rows without any spread isolate nothing, and end")
  func equalRows() {
    var generator = SeededGenerator(seed: 11)
    let rows = Matrix(rows: 50, columns: 2, repeating: 3)
    let scores = IsolationForest(.init(), fitting: rows, using: &generator).scores(rows)
    #expect(Set(scores).count == 1)
  }

  @Test("every doubt leaves targets out that contradict the others, and training on all rows does not")
  func regression() throws {
    var generator = SeededGenerator(seed: 12)
    let inputs = generator.normalMatrix(rows: 300, columns: 2)
    var targets = Matrix(rows: 300, columns: 1)
    for row in 0..<300 { targets[row, 0] = row % 3 == 0 ? -9 : inputs[row, 0] }
    func error(_ doubt: SupervisedNetwork.Doubt, leftOut: Double) throws -> Float {
      var generator = SeededGenerator(seed: 13)
      var models = [
        SupervisedNetwork(
          DenseNetwork(widths: [2, 16, 1], hidden: .leakyReLU(slope: 0.1), using: &generator), inputs: inputs,
          targets: .vectors(targets), doubt: doubt, optimizer: Optimizer(.adam(), learningRate: 0.01))
      ]
      try SelectiveTraining(share: KeptShare(leftOut: leftOut, over: 10), exchanges: false, epochs: 60, batch: 50)
        .train(&models, rows: 300, using: &generator)
      let output = models[0].network.forward(inputs)
      return (0..<300).reduce(0) { $0 + abs(output[$1, 0] - inputs[$1, 0]) } / 300
    }
    #expect(try error(.loss, leftOut: 0) > 2)
    for doubt in [SupervisedNetwork.Doubt.loss, .outputGradient, .parameterGradient] {
      #expect(try error(doubt, leftOut: 0.4) < 0.3)
    }
  }
}
