public import CopurNumerics

/// An autoencoder with dropout, whose doubt about a row is its reconstruction error (Liu, thesis, chapter 2).
///
/// d–h–h–z and z–h–h–d with leaky ReLU of slope 0.1, a sigmoid at the end, and dropout after each hidden activation but the
/// last; inputs are scaled to 0 to 1.
public struct DropoutAutoencoder: SelectableModel {
  /// A network's shape.
  public struct Shape: Hashable, Sendable {
    /// The width of the hidden layers; at least 1.
    public var hidden = 256
    /// The width of the code; at least 1.
    public var code = 10
    /// The probability with which a step leaves a hidden value out, from 0 to under 1.
    public var dropout: Float = 0.5

    /// The widths of the thesis's code.
    public init() {}
  }

  /// The layers with dropout behind them.
  private static let dropping: Set<Int> = [0, 1, 3]

  /// The rows, [n, d], from 0 to 1.
  private let inputs: Matrix
  private let dropout: Float
  private var network: DenseNetwork
  private var optimizer: Optimizer

  /// - Parameters:
  ///   - inputs: [n, d], from 0 to 1.
  ///   - generator: Gives the first weights.
  public init(_ shape: Shape, inputs: Matrix, optimizer: Optimizer, using generator: inout SeededGenerator) {
    precondition((0..<1).contains(shape.dropout))
    self.inputs = inputs
    self.optimizer = optimizer
    dropout = shape.dropout
    let activation = Activation.leakyReLU(slope: 0.1)
    let widths = [
      inputs.columns, shape.hidden, shape.hidden, shape.code, shape.hidden, shape.hidden, inputs.columns,
    ]
    // The code and the output have no activation of their own; the sigmoid comes behind.
    let activations = [activation, activation, .identity, activation, activation, .identity]
    network = DenseNetwork(
      layers: activations.enumerated().map { index, activation in
        DenseLayer(inputs: widths[index], outputs: widths[index + 1], activation: activation, using: &generator)
      })
  }

  public func doubts(about rows: [Int]) -> [Float] { errors(of: inputs.selecting(rows: rows), seed: nil) }

  /// A pass with dropout.
  private struct Trace {
    /// The input of each layer.
    var inputs: [Matrix] = []
    /// x·W + b of each layer.
    var affines: [Matrix] = []
    /// The factors that dropout multiplied a layer's values by; nil where there is none.
    var factors: [[Float]?] = []
    var output: Matrix
  }

  /// - Parameter keepsTrace: Whether the way back follows; else what it needs is not kept.
  private func pass(_ rows: Matrix, seed: UInt64, keepsTrace: Bool) -> Trace {
    var seeds = SeededGenerator(seed: seed, purpose: "dropout")
    var trace = Trace(output: rows)
    for (index, layer) in network.layers.enumerated() {
      if keepsTrace { trace.inputs.append(trace.output) }
      var value = layer.affine(trace.output)
      if keepsTrace { trace.affines.append(value) }
      layer.activation.apply(to: &value)
      let drops = dropout > 0 && Self.dropping.contains(index)
      let factors = drops ? VectorKernels.dropout(&value.values, seed: seeds.next(), rate: dropout) : nil
      if keepsTrace { trace.factors.append(factors) }
      trace.output = value
    }
    trace.output.applySigmoid()
    return trace
  }

  public mutating func step(on rows: [Int], seed: UInt64) -> Float {
    let inputs = inputs.selecting(rows: rows)
    let trace = pass(inputs, seed: seed, keepsTrace: true)
    var (value, gradient) = ReconstructionLoss.evaluate(trace.output, against: inputs)
    gradient.values.withUnsafeMutableBufferPointer { gradient in
      trace.output.values.withUnsafeBufferPointer { output in
        for index in 0..<gradient.count { gradient[index] *= output[index] * (1 - output[index]) }
      }
    }
    var parameters = DenseNetwork.Gradient(weights: [], biases: [])
    for (index, layer) in network.layers.enumerated().reversed() {
      if let factors = trace.factors[index] {
        gradient.values.withUnsafeMutableBufferPointer { gradient in
          factors.withUnsafeBufferPointer { factors in
            for place in 0..<gradient.count { gradient[place] *= factors[place] }
          }
        }
      }
      layer.activation.differentiate(&gradient, at: trace.affines[index])
      parameters.weights.append(Matrix.product(trace.inputs[index], .transposed, gradient))
      parameters.biases.append(gradient.columnSums)
      if index > 0 { gradient = Matrix.product(gradient, .plain, layer.weights, .transposed) }
    }
    parameters.weights.reverse()
    parameters.biases.reverse()
    network.update(by: parameters, with: &optimizer)
    return value
  }

  /// The reconstruction error of rows, ½‖x̂ − x‖², n values.
  ///
  /// - Parameters:
  ///   - rows: [n, d], from 0 to 1.
  ///   - seed: What dropout follows from; nil for none.
  public func errors(of rows: Matrix, seed: UInt64?) -> [Float] {
    var seeds = SeededGenerator(seed: seed ?? 0, purpose: "errors")
    return stride(from: 0, to: rows.rows, by: Self.chunk).flatMap { start in
      let part = rows.selecting(rows: start..<min(start + Self.chunk, rows.rows))
      let output: Matrix
      if seed != nil {
        output = pass(part, seed: seeds.next(), keepsTrace: false).output
      } else {
        var value = network.forward(part)
        value.applySigmoid()
        output = value
      }
      return ReconstructionLoss.ofEachRow(output, against: part).values
    }
  }

  /// The number of rows that are scored at a time, so that what a pass makes stays near the processor.
  private static let chunk = 256
}

extension Matrix {
  /// 1/(1 + e^−x) of each element.
  fileprivate mutating func applySigmoid() {
    values.withUnsafeMutableBufferPointer { values in
      for index in 0..<values.count { values[index] = 1 / (1 + exponential(-values[index])) }
    }
  }
}
