public import CopurNumerics

/// A variational autoencoder (Kingma and Welling 2014), whose doubt about a row is its reconstruction error: with it RCA is
/// RCVA (Liu, thesis, chapter 2).
///
/// The code is normal with mean and deviation that the encoder says; the loss is ½‖x̂ − x‖² plus the divergence of the code
/// from the standard normal, ½Σ(μ² + σ² − 1 − log σ²).
public struct VariationalAutoencoder: SelectableModel {
  private let inputs: Matrix
  private let code: Int
  private var encoder: Network
  private var decoder: Network
  private var optimizer: Optimizer

  /// - Parameters:
  ///   - shape: The networks' widths and dropout, as in ``DropoutAutoencoder``.
  ///   - inputs: [n, d], from 0 to 1.
  ///   - generator: Gives the first weights.
  /// - Throws: ``ArchitectureError`` if the shape is none.
  public init(
    _ shape: DropoutAutoencoder.Shape, inputs: Matrix, optimizer: Optimizer, using generator: inout SeededGenerator
  ) throws {
    self.inputs = inputs
    self.optimizer = optimizer
    code = shape.code
    let activation = Activation.leakyReLU(slope: 0.1)
    func dense(_ name: String, _ outputs: Int, _ activation: Activation) -> Architecture.Element {
      .init(name, DenseSpecification(outputs: outputs, activation: activation))
    }
    encoder = try Network(
      Architecture(
        inputWidth: inputs.columns,
        layers: [
          dense("1", shape.hidden, activation), .init("dropout", DropoutSpecification(rate: shape.dropout)),
          dense("2", shape.hidden, activation), dense("code", 2 * shape.code, .identity),
        ]), using: &generator)
    decoder = try Network(
      Architecture(
        inputWidth: shape.code,
        layers: [
          dense("1", shape.hidden, activation), .init("dropout", DropoutSpecification(rate: shape.dropout)),
          dense("2", shape.hidden, activation), dense("output", inputs.columns, .identity),
          .init("sigmoid", ActivationSpecification(.logistic)),
        ]), using: &generator)
  }

  public func doubts(about rows: [Int]) -> [Float] { errors(of: inputs.selecting(rows: rows), seed: nil) }

  public mutating func step(on rows: [Int], seed: UInt64) -> Float {
    let inputs = inputs.selecting(rows: rows)
    let encoded = encoder.trace(inputs, in: .training(seed: seed))
    let (codes, noise) = draw(encoded.output, seed: seed)
    let decoded = decoder.trace(codes, in: .training(seed: seed))
    let (value, gradient) = ReconstructionLoss.evaluate(decoded.output, against: inputs)
    let back = decoder.backward(decoded, outputGradient: gradient)
    var slope = Matrix(rows: rows.count, columns: 2 * code)
    let scale = 1 / Float(rows.count)
    var divergence = 0.0
    for row in 0..<rows.count {
      for column in 0..<code {
        let mean = encoded.output[row, column]
        let logVariance = Self.limited(encoded.output[row, code + column])
        let variance = Float(exponential(Double(logVariance)))
        let through = back.input[row, column]
        slope[row, column] = through + scale * mean
        let isLimited = logVariance != encoded.output[row, code + column]
        slope[row, code + column] =
          isLimited ? 0 : through * noise[row, column] * variance.squareRoot() / 2 + scale * (variance - 1) / 2
        divergence += Double(mean * mean + variance - 1 - logVariance) / 2
      }
    }
    let encoderGradient = encoder.parameterGradient(encoded, outputGradient: slope)
    optimizer.beginStep()
    encoder.move(along: encoderGradient, with: &optimizer)
    decoder.move(along: back.parameters, with: &optimizer)
    return value + scale * Float(divergence)
  }

  /// The reconstruction error of rows, ½‖x̂ − x‖², n values.
  ///
  /// - Parameters:
  ///   - rows: [n, d], from 0 to 1.
  ///   - seed: What dropout and the codes' noise follow from; nil for none, and codes at their means.
  public func errors(of rows: Matrix, seed: UInt64?) -> [Float] {
    let output: Matrix
    if let seed {
      let encoded = encoder.trace(rows, in: .training(seed: seed)).output
      output = decoder.trace(draw(encoded, seed: seed).codes, in: .training(seed: seed)).output
    } else {
      output = decoder.infer(encoder.infer(rows).columns(0..<code))
    }
    return ReconstructionLoss.ofEachRow(output, against: rows).values
  }

  /// A log-variance in a range where its exponential is finite.
  private static func limited(_ logVariance: Float) -> Float { min(max(logVariance, -20), 20) }

  /// Codes drawn about their means, and the standard normal numbers that they were drawn by.
  private func draw(_ encoded: Matrix, seed: UInt64) -> (codes: Matrix, noise: Matrix) {
    var generator = SeededGenerator(seed: seed, purpose: "codes")
    let noise = generator.normalMatrix(rows: encoded.rows, columns: code)
    var codes = encoded.columns(0..<code)
    for row in 0..<codes.rows {
      for column in 0..<code {
        let deviation = Float(exponential(Double(Self.limited(encoded[row, code + column])) / 2))
        codes[row, column] += deviation * noise[row, column]
      }
    }
    return (codes, noise)
  }
}
