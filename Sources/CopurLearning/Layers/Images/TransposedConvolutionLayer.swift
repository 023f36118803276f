public import CopurNumerics

/// A transposed convolution of images, y = activation(xᵀ∗ W + b): each value of the smaller input is spread by its filter over
/// the larger output, as the gradient of a convolution is.
public struct TransposedConvolutionLayer: Layer {
  /// The input and the output.
  public struct Memory: Sendable {
    let input: Matrix
    let output: Matrix
  }

  /// The settings.
  private let settings: TransposedConvolutionSpecification
  private let convolution: Convolution
  private var filters: ConvolutionFilters

  fileprivate init(_ settings: TransposedConvolutionSpecification, convolution: Convolution, parameters: [[Float]]) {
    self.settings = settings
    self.convolution = convolution
    filters = ConvolutionFilters(parameters)
  }

  public var specification: any LayerSpecification { settings }
  public var inputWidth: Int { convolution.placesWidth }
  public var outputWidth: Int { convolution.imageWidth }
  public var parameters: [[Float]] { filters.parameters }

  public func forward(_ input: Matrix) -> Matrix {
    var output = convolution.pullback(input, weights: filters.weights)
    if let bias = filters.bias {
      var places = Matrix(
        rows: output.values.count / bias.count, columns: bias.count, values: output.values)
      places.addToEachRow(bias)
      output = Matrix(rows: output.rows, columns: output.columns, values: places.values)
    }
    settings.activation.apply(to: &output)
    return output
  }

  public func trace(_ input: Matrix, in pass: Pass) -> (output: Matrix, memory: Memory) {
    let output = forward(input)
    return (output, Memory(input: input, output: output))
  }

  public func backward(_ memory: Memory, outputGradient: Matrix) -> (input: Matrix, parameters: [[Float]]) {
    let slopes = slopes(memory, outputGradient)
    return (input(slopes), gradient(memory, slopes))
  }

  public func pullback(_ memory: Memory, outputGradient: Matrix) -> Matrix {
    input(slopes(memory, outputGradient))
  }

  public func parameterGradient(_ memory: Memory, outputGradient: Matrix) -> [[Float]] {
    gradient(memory, slopes(memory, outputGradient))
  }

  public mutating func update(by gradient: [[Float]], with optimizer: inout Optimizer) {
    filters.update(by: gradient, with: &optimizer)
  }

  private func slopes(_ memory: Memory, _ outputGradient: Matrix) -> Matrix {
    var slopes = outputGradient
    settings.activation.differentiate(&slopes, at: memory.output)
    return slopes
  }

  private func input(_ slopes: Matrix) -> Matrix {
    convolution.convolve(slopes, weights: filters.weights, bias: nil, slope: 1)
  }

  private func gradient(_ memory: Memory, _ slopes: Matrix) -> [[Float]] {
    filters.gradient(weights: convolution.weightGradient(slopes, slopes: memory.input), slopes: slopes)
  }
}

/// A ``TransposedConvolutionLayer`` without its parameters.
public struct TransposedConvolutionSpecification: LayerSpecification {
  public static let kind = "transposed-convolution"
  /// The images that go in.
  public var input: ImageShape
  /// The number of channels of the output.
  public var channels: Int
  /// The rows, and columns, of a filter.
  public var kernel: Int
  /// The distance that neighbouring values are spread to.
  public var stride: Int
  /// The number of places that are cut off each edge of the output.
  public var padding: Int
  /// The number of rows and columns that the output has more at its end, which several inputs of a convolution share.
  public var outputPadding: Int
  /// Whether a value is added to each channel.
  public var hasBias: Bool
  /// Applied to each element; its slope below 0 is from 0 to 1.
  public var activation: Activation

  /// - Parameters:
  ///   - channels: From 1.
  ///   - kernel: From 1.
  ///   - stride: From 1.
  ///   - padding: From 0 to under the kernel's size.
  ///   - outputPadding: From 0 to under the stride.
  ///   - activation: Its slope below 0 is from 0 to 1.
  public init(
    _ input: ImageShape, channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
    hasBias: Bool = true, activation: Activation = .identity
  ) {
    self.input = input
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.hasBias = hasBias
    self.activation = activation
  }

  /// The images that come out; of no use before ``outputWidth(inputWidth:)`` has accepted the settings.
  public var output: ImageShape {
    func extent(_ places: Int) -> Int { (places - 1) * stride - 2 * padding + kernel + outputPadding }
    return ImageShape(rows: extent(input.rows), columns: extent(input.columns), channels: channels)
  }

  public func outputWidth(inputWidth: Int) throws -> Int {
    try input.check(width: inputWidth)
    try ConvolutionSpecification.check(
      kernel: kernel, stride: stride, padding: padding, channels: channels, activation: activation)
    guard (0..<stride).contains(outputPadding), min(output.rows, output.columns) >= 1 else {
      throw ArchitectureError(
        "a transposed convolution adds less than its stride at the end, and leaves an image (actual: \(outputPadding), "
          + "\(output))")
    }
    // The last value's filter begins on the image, or it would say nothing.
    guard (input.rows - 1) * stride - padding < output.rows, (input.columns - 1) * stride - padding < output.columns
    else {
      throw ArchitectureError("a transposed convolution cuts less than a filter off (actual: padding \(padding))")
    }
    return output.count
  }

  private var convolution: Convolution {
    Convolution(
      rows: output.rows, columns: output.columns, channels: channels, kernel: kernel, stride: stride, padding: padding,
      placesDown: input.rows, placesAcross: input.columns, filters: input.channels)
  }

  public func parameters(inputWidth: Int) -> [ParameterShape] {
    [ParameterShape("weight", [kernel, kernel, channels, input.channels])]
      + (hasBias ? [ParameterShape("bias", [channels])] : [])
  }

  /// Weights uniform in ±√(6 / inputs of a value), of which there are kernel² / stride² · channels on average; bias 0.
  public func initialParameters(inputWidth: Int, using generator: inout SeededGenerator) -> [[Float]] {
    let inputs = max(1, Float(kernel * kernel * input.channels) / Float(stride * stride))
    return [generator.uniformWeights(kernel * kernel * channels * input.channels, limit: (6 / inputs).squareRoot())]
      + (hasBias ? [[Float](repeating: 0, count: channels)] : [])
  }

  public func layer(inputWidth: Int, parameters: [[Float]]) -> any Layer {
    TransposedConvolutionLayer(self, convolution: convolution, parameters: parameters)
  }
}
