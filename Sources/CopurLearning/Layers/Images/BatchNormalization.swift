public import CopurNumerics

/// Each channel brought to mean 0 and variance 1, then scaled and shifted (Ioffe and Szegedy 2015, Algorithms 1 and 2):
/// y = γ·(x − μ)/√(σ² + ε) + β.
///
/// In a step of a training μ and σ² are those of the batch, over samples and places; running means of them are what inference
/// uses, so that there a sample does not depend on its batch.
public struct BatchNormalization: Layer {
  /// (x − μ)/√(σ² + ε), 1/√(σ² + ε) of each channel, and the batch's μ and σ², nil outside of training.
  public struct Memory: Sendable {
    let normalized: Matrix
    let inverses: [Float]
    let moments: (means: [Float], variances: [Float])?
  }

  /// The settings.
  private let settings: BatchNormalizationSpecification
  /// The number of columns of an input, a multiple of the channels.
  public let inputWidth: Int
  /// γ, a value a channel.
  public private(set) var scale: [Float]
  /// β, a value a channel.
  public private(set) var shift: [Float]
  /// The running mean of each channel.
  public private(set) var mean: [Float]
  /// The running variance of each channel.
  public private(set) var variance: [Float]

  fileprivate init(_ settings: BatchNormalizationSpecification, inputWidth: Int, parameters: [[Float]]) {
    self.settings = settings
    self.inputWidth = inputWidth
    scale = parameters[0]
    shift = parameters[1]
    mean = parameters[2]
    // A running variance from a file is of someone else's making.
    variance = parameters[3].map { max($0, 0) }
  }

  public var specification: any LayerSpecification { settings }
  public var outputWidth: Int { inputWidth }
  public var parameters: [[Float]] { [scale, shift, mean, variance] }

  public func trace(_ input: Matrix, in pass: Pass) -> (output: Matrix, memory: Memory) {
    let channels = settings.channels
    var moments: (means: [Float], variances: [Float])?
    if case .training = pass, input.rows > 0 { moments = self.moments(of: input) }
    let (means, variances) = moments ?? (mean, variance)
    let inverses = variances.map { 1 / ($0 + settings.epsilon).squareRoot() }
    let normalized = Matrix(rows: input.rows, columns: input.columns) { output in
      input.values.withUnsafeBufferPointer { input in
        for start in stride(from: 0, to: input.count, by: channels) {
          for channel in 0..<channels {
            output[start + channel] = (input[start + channel] - means[channel]) * inverses[channel]
          }
        }
      }
    }
    let output = Matrix(rows: input.rows, columns: input.columns) { output in
      normalized.values.withUnsafeBufferPointer { normalized in
        for start in stride(from: 0, to: normalized.count, by: channels) {
          for channel in 0..<channels {
            output[start + channel] = scale[channel] * normalized[start + channel] + shift[channel]
          }
        }
      }
    }
    return (output, Memory(normalized: normalized, inverses: inverses, moments: moments))
  }

  public func backward(_ memory: Memory, outputGradient: Matrix) -> (input: Matrix, parameters: [[Float]]) {
    let channels = settings.channels
    let count = outputGradient.values.count / channels
    var (sums, along) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    let input = Matrix(rows: outputGradient.rows, columns: outputGradient.columns) { input in
      outputGradient.values.withUnsafeBufferPointer { slopes in
        memory.normalized.values.withUnsafeBufferPointer { normalized in
          for start in stride(from: 0, to: slopes.count, by: channels) {
            for channel in 0..<channels {
              let slope = Double(slopes[start + channel])
              sums[channel] += slope
              along[channel] += slope * Double(normalized[start + channel])
            }
          }
          let factors = (0..<channels).map { scale[$0] * memory.inverses[$0] }
          // In training a change of a channel's mean and of its length is undone: those parts of the gradient are taken out.
          let isOfBatch = memory.moments != nil && count > 0
          let means = sums.map { isOfBatch ? Float($0 / Double(count)) : 0 }
          let slants = along.map { isOfBatch ? Float($0 / Double(count)) : 0 }
          for start in stride(from: 0, to: slopes.count, by: channels) {
            for channel in 0..<channels {
              let rest = slopes[start + channel] - means[channel] - normalized[start + channel] * slants[channel]
              input[start + channel] = factors[channel] * rest
            }
          }
        }
      }
    }
    let moments = memory.moments ?? (mean, variance)
    return (input, [along.map(Float.init), sums.map(Float.init), moments.means, moments.variances])
  }

  /// Moves scale and shift along their gradients, and the running moments towards those of the batch, which stand in the
  /// places of their gradients.
  public mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {
    optimizer.move(&scale, along: gradient[0])
    optimizer.move(&shift, along: gradient[1])
    let weight = settings.momentum
    for channel in mean.indices {
      mean[channel] += weight * (gradient[2][channel] - mean[channel])
      variance[channel] += weight * (gradient[3][channel] - variance[channel])
    }
  }

  private func moments(of input: Matrix) -> (means: [Float], variances: [Float]) {
    let channels = settings.channels
    let center = Array(input.values.prefix(channels))
    let (sums, squares) = VectorKernels.columnMoments(input.values, columns: channels, center: center)
    let count = Double(input.values.count / channels)
    let means = (0..<channels).map { Float(Double(center[$0]) + sums[$0] / count) }
    let variances = (0..<channels).map { channel -> Float in
      let mean = sums[channel] / count
      return Float(max(0, squares[channel] / count - mean * mean))
    }
    return (means, variances)
  }
}

/// A ``BatchNormalization`` without its parameters, for any number of places.
public struct BatchNormalizationSpecification: LayerSpecification {
  public static let kind = "batch-normalization"
  /// The number of channels of an image.
  public var channels: Int
  /// ε, over 0.
  public var epsilon: Float
  /// The share by which running moments move towards those of a batch, over 0, at most 1.
  public var momentum: Float

  /// - Parameters:
  ///   - channels: From 1.
  ///   - epsilon: Over 0.
  ///   - momentum: Over 0, at most 1.
  public init(channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
    self.channels = channels
    self.epsilon = epsilon
    self.momentum = momentum
  }

  public func outputWidth(inputWidth: Int) throws -> Int {
    guard channels >= 1, inputWidth % channels == 0 else {
      throw ArchitectureError(
        "a batch normalisation's channels divide the width of its input (actual: \(channels), width \(inputWidth))")
    }
    guard epsilon > 0, epsilon.isFinite, momentum > 0, momentum <= 1 else {
      throw ArchitectureError(
        "a batch normalisation's epsilon is over 0, its momentum over 0 and at most 1 (actual: \(epsilon), \(momentum))"
      )
    }
    return inputWidth
  }

  public func parameters(inputWidth: Int) -> [ParameterShape] {
    ["scale", "shift", "mean", "variance"].map { ParameterShape($0, [channels]) }
  }

  public func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) -> [[Float]] {
    [1, 0, 0, 1].map { [Float](repeating: $0, count: channels) }
  }

  public func layer(inputWidth: Int, parameters: [[Float]]) -> any Layer {
    BatchNormalization(self, inputWidth: inputWidth, parameters: parameters)
  }
}
