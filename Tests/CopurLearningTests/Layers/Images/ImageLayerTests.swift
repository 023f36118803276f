import CopurLearning
import CopurNumerics
import Foundation
import Testing

/// Layers of images against sums written out place by place, and against central differences.
@Suite("Layers of images")
struct ImageLayerTests {
  static let shape = ImageShape(rows: 5, columns: 6, channels: 3)
  static let specifications: [any LayerSpecification] = [
    ConvolutionSpecification(shape, channels: 4, kernel: 3),
    ConvolutionSpecification(shape, channels: 17, kernel: 4, stride: 2, padding: 1, activation: .leakyReLU(slope: 0.9)),
    ConvolutionSpecification(shape, channels: 2, kernel: 3, stride: 2, padding: 2, hasBias: false, activation: .relu),
    ConvolutionSpecification(shape, channels: 1, kernel: 1),
    TransposedConvolutionSpecification(
      shape, channels: 2, kernel: 3, stride: 2, padding: 1, outputPadding: 1, activation: .leakyReLU(slope: 0.9)),
    TransposedConvolutionSpecification(
      shape, channels: 18, kernel: 4, stride: 2, padding: 1, hasBias: false),
    TransposedConvolutionSpecification(shape, channels: 1, kernel: 2, stride: 3, padding: 0, outputPadding: 2),
    PoolingSpecification(shape, .maximum, size: 2), PoolingSpecification(shape, .mean, size: 3, stride: 1),
    BatchNormalizationSpecification(channels: 3),
  ]

  private func network(_ specification: any LayerSpecification, seed: UInt64) throws -> Network {
    var generator = SeededGenerator(seed: seed)
    let architecture = try Architecture(inputWidth: Self.shape.count, layers: [.init("only", specification)])
    return try Network(architecture) { name, shape in
      (0..<shape.reduce(1, *)).map { _ in
        let value = 0.5 * Float(generator.normal())
        return name.hasSuffix("variance") ? abs(value) + 0.1 : value
      }
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

  @Test("gradients by input and parameters, in inference and in training", arguments: 0..<10, [false, true])
  func gradients(number: Int, inTraining: Bool) throws {
    let network = try network(Self.specifications[number], seed: UInt64(number))
    let pass: Pass = inTraining ? .training(seed: 1) : .inference
    var generator = SeededGenerator(seed: UInt64(number) + 50)
    let input = generator.normalMatrix(rows: 3, columns: Self.shape.count)
    let weights = generator.normalMatrix(rows: 3, columns: network.outputWidth)
    func value(_ network: Network, _ input: Matrix) -> Double {
      zip(network.trace(input, in: pass).output.values, weights.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
    let trace = network.trace(input, in: pass)
    let back = network.backward(trace, outputGradient: weights)
    #expect(network.pullback(trace, outputGradient: weights) == back.input)
    #expect(network.parameterGradient(trace, outputGradient: weights) == back.parameters)
    let step: Float = 1e-2
    var (compared, kinks) = (0, 0)
    func compare(_ analytic: Float, _ value: (Float) throws -> Double) rethrows {
      let (below, middle, above) = (try value(-step), try value(0), try value(step))
      compared += 1
      // A kink within the step has no slope to compare with.
      if abs((above - middle) - (middle - below)) > 0.02 * Double(step) * max(1, Double(abs(analytic))) {
        kinks += 1
        return
      }
      let numeric = (above - below) / Double(2 * step)
      #expect(abs(Double(analytic) - numeric) < 5e-3 + 1e-2 * abs(numeric), "\(analytic), \(numeric)")
    }
    for index in stride(from: 0, to: input.values.count, by: 7) {
      compare(back.input.values[index]) { shift in
        var moved = input
        moved.values[index] += shift
        return value(network, moved)
      }
    }
    // The running moments of a batch normalisation have no gradient: what stands in its place is what they move to.
    for (parameter, values) in network.parameters.enumerated() where number < 9 || parameter < 2 {
      for index in stride(from: 0, to: values.count, by: 1 + values.count / 40) {
        try compare(back.parameters[parameter][index]) { value(try moving(network, parameter, index, by: $0), input) }
      }
    }
    #expect(kinks * 5 <= compared && compared > 10)
  }

  @Test("a convolution is the sum over its filters' places", arguments: 0..<4)
  func convolution(number: Int) throws {
    let specification = try #require(Self.specifications[number] as? ConvolutionSpecification)
    let network = try network(specification, seed: 7)
    var generator = SeededGenerator(seed: 8)
    let input = generator.normalMatrix(rows: 2, columns: Self.shape.count)
    let output = network.infer(input)
    let weights = network.parameters[0]
    let (shape, small) = (Self.shape, specification.output)
    for row in 0..<2 {
      for down in 0..<small.rows {
        for across in 0..<small.columns {
          for filter in 0..<small.channels {
            var sum = specification.hasBias ? Double(network.parameters[1][filter]) : 0
            for u in 0..<specification.kernel {
              for v in 0..<specification.kernel {
                let r = down * specification.stride - specification.padding + u
                let c = across * specification.stride - specification.padding + v
                guard (0..<shape.rows).contains(r), (0..<shape.columns).contains(c) else { continue }
                for k in 0..<shape.channels {
                  sum +=
                    Double(input[row, (r * shape.columns + c) * shape.channels + k])
                    * Double(weights[((u * specification.kernel + v) * shape.channels + k) * small.channels + filter])
                }
              }
            }
            let expected = sum > 0 ? sum : Double(specification.activation.lowerSlope) * sum
            #expect(
              abs(Double(output[row, (down * small.columns + across) * small.channels + filter]) - expected) < 1e-4)
          }
        }
      }
    }
  }

  @Test("a transposed convolution spreads each value by its filter")
  func transposed() throws {
    let specification = TransposedConvolutionSpecification(
      ImageShape(rows: 2, columns: 2, channels: 1), channels: 1, kernel: 3, stride: 2, padding: 1, outputPadding: 1)
    let architecture = try Architecture(inputWidth: 4, layers: [.init("only", specification)])
    let network = try Network(architecture) { name, _ in
      name == "only.weight" ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : [0.5]
    }
    #expect(specification.output == ImageShape(rows: 4, columns: 4, channels: 1))
    // Each value's 3 × 3 filter is centred on an even place; what reaches beyond the upper and left edge is cut off.
    var expected = [Float](repeating: 0.5, count: 16)
    let input: [Float] = [1, 10, 100, 1000]
    for (number, value) in input.enumerated() {
      for u in 0..<3 {
        for v in 0..<3 {
          let (r, c) = (number / 2 * 2 - 1 + u, number % 2 * 2 - 1 + v)
          if (0..<4).contains(r), (0..<4).contains(c) { expected[r * 4 + c] += value * Float(u * 3 + v + 1) }
        }
      }
    }
    #expect(network.infer(Matrix(rows: 1, columns: 4, values: input)).values == expected)
  }

  @Test("a row is the same, bit for bit, in any batch, also where cores share the work", arguments: 0..<10)
  func batches(number: Int) throws {
    let network = try network(Self.specifications[number], seed: 3)
    var generator = SeededGenerator(seed: 4)
    let input = generator.normalMatrix(rows: 300, columns: Self.shape.count)
    let weights = generator.normalMatrix(rows: 300, columns: network.outputWidth)
    let (together, trace) = (network.infer(input), network.trace(input))
    #expect(trace.output == together)
    let pulled = network.pullback(trace, outputGradient: weights)
    for row in [0, 1, 127, 128, 299] {
      let alone = input.selecting(rows: [row])
      #expect(network.infer(alone).values == Array(together[row: row]))
      let back = network.pullback(network.trace(alone), outputGradient: weights.selecting(rows: [row]))
      #expect(back.values == Array(pulled[row: row]))
    }
  }

  @Test("places that are equal in all samples are summed once, and nothing changes but the last bits")
  func equalPlaces() throws {
    let shape = ImageShape(rows: 8, columns: 8, channels: 2)
    let first = ConvolutionSpecification(shape, channels: 5, kernel: 4, stride: 2, padding: 1, activation: .relu)
    let second = ConvolutionSpecification(first.output, channels: 3, kernel: 3, padding: 1)
    let architecture = try Architecture(
      inputWidth: shape.count, layers: [.init("first", first), .init("second", second)])
    var generator = SeededGenerator(seed: 11)
    let network = try Network(architecture, using: &generator)
    var input = generator.normalMatrix(rows: 20, columns: shape.count)
    // Of a batch all of whose samples show six pixels the rest is hidden.
    let seen: Set = [3, 12, 13, 40, 41, 63]
    for row in 0..<20 {
      for pixel in 0..<64 where !seen.contains(pixel) {
        for channel in 0..<2 { input[row, 2 * pixel + channel] = channel == 0 ? 0.25 : 0 }
      }
    }
    let slopes = generator.normalMatrix(rows: 20, columns: network.outputWidth)
    let (plain, shared) = (network.trace(input), network.trace(input, in: .training(seed: 1)))
    for (one, other) in zip(plain.output.values, shared.output.values) { #expect(abs(one - other) < 1e-5) }
    let direct = network.backward(plain, outputGradient: slopes).parameters
    for (one, other) in zip(direct, network.parameterGradient(shared, outputGradient: slopes)) {
      for (one, other) in zip(one, other) { #expect(abs(one - other) < 1e-3 * max(1, abs(one))) }
    }
    // Without the shortcut the input's gradient is whole.
    let back = network.backward(shared, outputGradient: slopes).input
    for (one, other) in zip(network.pullback(plain, outputGradient: slopes).values, back.values) {
      #expect(abs(one - other) < 1e-4)
    }
  }

  @Test("gradients that enter inside a network are added on the way back")
  func further() throws {
    let architecture = try Architecture(
      inputWidth: 4,
      layers: [
        .init("1", DenseSpecification(outputs: 3)), .init("2", ActivationSpecification(.tanh)),
        .init("3", DenseSpecification(outputs: 2)),
      ])
    var generator = SeededGenerator(seed: 5)
    let network = try Network(architecture, using: &generator)
    let input = generator.normalMatrix(rows: 2, columns: 4)
    let (slopes, inner) = (
      generator.normalMatrix(rows: 2, columns: 2), generator.normalMatrix(rows: 2, columns: 3)
    )
    let trace = network.trace(input)
    #expect(trace.outputs.count == 3 && trace.outputs[2] == trace.output)
    let both = network.backward(trace, outputGradient: slopes, adding: [0: inner])
    #expect(network.pullback(trace, outputGradient: slopes, adding: [0: inner]) == both.input)
    let zero = Matrix(rows: 2, columns: 2)
    let apart = [
      network.backward(trace, outputGradient: slopes).input,
      network.backward(trace, outputGradient: zero, adding: [0: inner]).input,
    ]
    for index in both.input.values.indices {
      #expect(abs(both.input.values[index] - apart[0].values[index] - apart[1].values[index]) < 1e-5)
    }
    // ∂ℓ/∂(output of layer 0) · W of layer 0.
    let weights = Matrix(rows: 4, columns: 3, values: network.parameters[0])
    #expect(apart[1] == Matrix.product(inner, .plain, weights, .transposed))
  }

  @Test("batch normalisation: the batch's moments in training, running ones elsewhere")
  func batchNormalization() throws {
    let specification = BatchNormalizationSpecification(channels: 2, momentum: 0.5)
    let architecture = try Architecture(inputWidth: 4, layers: [.init("only", specification)])
    var generator = SeededGenerator(seed: 1)
    var network = try Network(architecture, using: &generator)
    // Channel 0 has 1, 3, 5, 7; channel 1 has 10, 10, 30, 30.
    let input = Matrix([[1, 10, 3, 10], [5, 30, 7, 30]])
    let trace = network.trace(input, in: .training(seed: 0))
    let deviation = Float(5).squareRoot()
    let expected: [Float] = [-3 / deviation, -1, -1 / deviation, -1, 1 / deviation, 1, 3 / deviation, 1]
    for (value, expected) in zip(trace.output.values, expected) { #expect(abs(value - expected) < 1e-4) }
    #expect(network.infer(input).values.first.map { abs($0 - 1) < 1e-4 } == true)
    var optimizer = Optimizer(.sgd, learningRate: 0)
    let gradient = network.backward(trace, outputGradient: Matrix(rows: 2, columns: 4)).parameters
    network.update(by: gradient, with: &optimizer)
    #expect(network.parameters[2] == [2, 10] && network.parameters[3] == [3, 50.5])
  }

  @Test("a setting that breaks its rule is an error that says so")
  func rules() {
    let shape = Self.shape
    func isRefused(_ specification: any LayerSpecification, width: Int = Self.shape.count) -> Bool {
      do {
        _ = try Architecture(inputWidth: width, layers: [.init("only", specification)])
        return false
      } catch {
        return error is ArchitectureError
      }
    }
    for extent in [Int.min, -1, 0, 1 << 20, 1 << 40, Int.max] {
      #expect(isRefused(ConvolutionSpecification(shape, channels: extent, kernel: 3)))
      #expect(isRefused(ConvolutionSpecification(shape, channels: 1, kernel: extent)))
      #expect(isRefused(TransposedConvolutionSpecification(shape, channels: extent, kernel: 3)))
      #expect(isRefused(TransposedConvolutionSpecification(shape, channels: 1, kernel: 3, stride: extent)))
      #expect(isRefused(TransposedConvolutionSpecification(shape, channels: 1, kernel: extent)) || extent == 1 << 9)
      #expect(isRefused(PoolingSpecification(shape, .mean, size: extent)))
      #expect(isRefused(ConvolutionSpecification(shape, channels: 1, kernel: 3, padding: extent)) || extent == 0)
      #expect(isRefused(BatchNormalizationSpecification(channels: extent)))
      let wrong = ImageShape(rows: extent, columns: 6, channels: 3)
      #expect(isRefused(ConvolutionSpecification(wrong, channels: 1, kernel: 1)))
    }
    #expect(isRefused(ConvolutionSpecification(shape, channels: 1, kernel: 3), width: shape.count + 1))
    #expect(isRefused(ConvolutionSpecification(shape, channels: 1, kernel: 6)))
    #expect(isRefused(ConvolutionSpecification(shape, channels: 1, kernel: 3, activation: .leakyReLU(slope: -1))))
    #expect(isRefused(ConvolutionSpecification(shape, channels: 1, kernel: 3, activation: .leakyReLU(slope: .nan))))
    #expect(isRefused(PoolingSpecification(shape, .mean, size: 2, stride: 0)))
  }

  @Test("a network of image layers is itself again from JSON and numbers")
  func coding() throws {
    let first = ConvolutionSpecification(Self.shape, channels: 4, kernel: 3, padding: 1, activation: .relu)
    let second = TransposedConvolutionSpecification(first.output, channels: 2, kernel: 2, stride: 2)
    let architecture = try Architecture(
      inputWidth: Self.shape.count,
      layers: [
        .init("a", first), .init("b", BatchNormalizationSpecification(channels: 4)), .init("c", second),
        .init("d", PoolingSpecification(second.output, .mean, size: 2)),
      ])
    var generator = SeededGenerator(seed: 2)
    let network = try Network(architecture, using: &generator)
    let named = Dictionary(uniqueKeysWithValues: network.namedParameters.map { ($0.name, $0.tensor.values) })
    let again = try Network(
      try JSONCoding.roundTrip(architecture), parameters: { name, _ in named[name] ?? [] })
    #expect(again == network)
  }
}

private enum JSONCoding {
  static func roundTrip(_ architecture: Architecture) throws -> Architecture {
    try JSONDecoder().decode(Architecture.self, from: JSONEncoder().encode(architecture))
  }
}
