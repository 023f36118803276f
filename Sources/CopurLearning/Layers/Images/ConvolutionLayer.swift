public import CopurNumerics

/// A convolution of images, y = activation(x ∗ W + b), with zeros beyond the edges.
public struct ConvolutionLayer: Layer {
  /// The input, the output, and the places of the input at which all samples are equal.
  public struct Memory: Sendable {
    let input: Matrix
    let output: Matrix
    let equal: Convolution.EqualPlaces?
  }

  /// The settings.
  private let settings: ConvolutionSpecification
  private let convolution: Convolution
  private var filters: ConvolutionFilters

  fileprivate init(_ settings: ConvolutionSpecification, convolution: Convolution, parameters: [[Float]]) {
    self.settings = settings
    self.convolution = convolution
    filters = ConvolutionFilters(parameters)
  }

  public var specification: any LayerSpecification { settings }
  public var inputWidth: Int { convolution.imageWidth }
  public var outputWidth: Int { convolution.placesWidth }
  public var parameters: [[Float]] { filters.parameters }

  public func forward(_ input: Matrix) -> Matrix {
    convolution.convolve(input, weights: filters.weights, bias: filters.bias, slope: settings.activation.lowerSlope)
  }

  public func trace(_ input: Matrix, in pass: Pass) -> (output: Matrix, memory: Memory) {
    var equal: Convolution.EqualPlaces?
    if case .training = pass { equal = Convolution.EqualPlaces(in: input, of: convolution) }
    let output = convolution.convolve(
      input, weights: filters.weights, bias: filters.bias, slope: settings.activation.lowerSlope, equal: equal)
    return (output, Memory(input: input, output: output, equal: equal))
  }

  public func backward(_ memory: Memory, outputGradient: Matrix) -> (input: Matrix, parameters: [[Float]]) {
    backward(memory, outputGradient: outputGradient, summed: nil)
  }

  public func pullback(_ memory: Memory, outputGradient: Matrix) -> Matrix {
    convolution.pullback(slopes(memory, outputGradient), weights: filters.weights)
  }

  public func parameterGradient(_ memory: Memory, outputGradient: Matrix) -> [[Float]] {
    gradient(memory, slopes(memory, outputGradient))
  }

  public mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {
    filters.update(by: gradient, with: &optimizer)
  }

  /// The same as ``backward(_:outputGradient:)``, with gradients by some places of the input as sums over the batch alone.
  func backward(
    _ memory: Memory, outputGradient: Matrix, summed: Convolution.EqualPlaces?
  ) -> (input: Matrix, parameters: [[Float]]) {
    let slopes = slopes(memory, outputGradient)
    return (convolution.pullback(slopes, weights: filters.weights, summed: summed), gradient(memory, slopes))
  }

  /// The places of the output that are equal in all samples since the input is there: of gradients by them this layer's
  /// parameters need the sum alone.
  func equalOutputs(_ memory: Memory) -> Convolution.EqualPlaces? {
    memory.equal?.propagated(through: convolution)
  }

  /// ∂ℓ/∂(x ∗ W + b).
  private func slopes(_ memory: Memory, _ outputGradient: Matrix) -> Matrix {
    var slopes = outputGradient
    // With a slope from 0 to 1 an output is over 0 where its input is.
    settings.activation.differentiate(&slopes, at: memory.output)
    return slopes
  }

  private func gradient(_ memory: Memory, _ slopes: Matrix) -> [[Float]] {
    filters.gradient(
      weights: convolution.weightGradient(memory.input, slopes: slopes, equal: memory.equal), slopes: slopes)
  }
}

/// A ``ConvolutionLayer`` without its parameters.
public struct ConvolutionSpecification: LayerSpecification {
  public static let kind = "convolution"
  /// The images that go in.
  public var input: ImageShape
  /// The number of channels of the output.
  public var channels: Int
  /// The rows, and columns, of a filter.
  public var kernel: Int
  /// The step of filters from place to place.
  public var stride: Int
  /// The reach of filters beyond each edge.
  public var padding: Int
  /// Whether a value is added to each channel.
  public var hasBias: Bool
  /// Applied to each element of x ∗ W + b; its slope below 0 is from 0 to 1.
  public var activation: Activation

  /// - Parameters:
  ///   - channels: From 1.
  ///   - kernel: From 1.
  ///   - stride: From 1.
  ///   - padding: From 0 to under the kernel's size.
  ///   - activation: Its slope below 0 is from 0 to 1.
  public init(
    _ input: ImageShape, channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, hasBias: Bool = true,
    activation: Activation = .identity
  ) {
    self.input = input
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.hasBias = hasBias
    self.activation = activation
  }

  /// The images that come out; of no use before ``outputWidth(inputWidth:)`` has accepted the settings.
  public var output: ImageShape {
    func places(_ extent: Int) -> Int { stride < 1 ? 0 : (extent + 2 * padding - kernel) / stride + 1 }
    return ImageShape(rows: places(input.rows), columns: places(input.columns), channels: channels)
  }

  public func outputWidth(inputWidth: Int) throws -> Int {
    try input.check(width: inputWidth)
    try Self.check(kernel: kernel, stride: stride, padding: padding, channels: channels, activation: activation)
    guard input.rows + 2 * padding >= kernel, input.columns + 2 * padding >= kernel else {
      throw ArchitectureError(
        "a filter of a convolution is no larger than the image with its padding (actual: \(kernel), image \(input), "
          + "padding \(padding))")
    }
    return output.count
  }

  /// The rules that convolutions and transposed convolutions share.
  static func check(kernel: Int, stride: Int, padding: Int, channels: Int, activation: Activation) throws {
    let limit = Architecture.widthLimit
    guard (1...limit).contains(kernel), (1...limit).contains(stride), (0..<kernel).contains(padding),
      (1...limit).contains(channels)
    else {
      throw ArchitectureError(
        "kernel, stride and channels of a convolution are 1 to \(limit), padding is less than the kernel (actual: "
          + "\(kernel), \(stride), \(channels), \(padding))")
    }
    guard (0...1).contains(activation.lowerSlope) else {
      throw ArchitectureError("the slope of a convolution's activation is 0 to 1 (actual: \(activation.lowerSlope))")
    }
  }

  private var convolution: Convolution {
    Convolution(
      rows: input.rows, columns: input.columns, channels: input.channels, kernel: kernel, stride: stride,
      padding: padding, placesDown: output.rows, placesAcross: output.columns, filters: channels)
  }

  public func parameters(inputWidth: Int) -> [ParameterShape] {
    [ParameterShape("weight", [kernel, kernel, input.channels, channels])]
      + (hasBias ? [ParameterShape("bias", [channels])] : [])
  }

  /// Weights uniform in ±√(6 / inputs of a filter) (He et al. 2015, Eq. 10, as a uniform distribution), bias 0.
  public func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) -> [[Float]] {
    let inputs = kernel * kernel * input.channels
    return [generator.uniformWeights(inputs * channels, limit: (6 / Float(inputs)).squareRoot())]
      + (hasBias ? [[Float](repeating: 0, count: channels)] : [])
  }

  public func layer(inputWidth: Int, parameters: [[Float]]) -> any Layer {
    ConvolutionLayer(self, convolution: convolution, parameters: parameters)
  }
}

extension SeededGenerator {
  /// Numbers uniform between −limit and limit.
  mutating func uniformWeights(_ count: Int, limit: Float) -> [Float] {
    (0..<count).map { _ in uniform(-limit, limit) }
  }
}
