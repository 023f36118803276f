internal import CopurNumerics

/// Takes over a network layer by layer, as PyTorch and ONNX have them: pictures with the channels first, weights of dense
/// layers with the outputs first. Here pictures have the channels last, so weights are brought into that order.
///
/// Shapes are compared before anything is multiplied or allocated, so that a file from outside ends in an ``ImportError``.
struct NetworkImporter {
  /// An array and its name in the file, for messages.
  struct Weights {
    let name: String
    let tensor: Safetensors.Tensor

    /// - Throws: ``ImportError`` if a number is NaN or infinite.
    init(_ name: String, _ tensor: Safetensors.Tensor) throws {
      guard tensor.values.allSatisfy(\.isFinite) else {
        throw ImportError("weights are finite (\"\(name)\" holds NaN or infinity)")
      }
      (self.name, self.tensor) = (name, tensor)
    }

    var shape: [Int] { tensor.shape }
    var values: [Float] { tensor.values }

    /// The values of an array of one dimension.
    func vector(_ count: Int) throws -> [Float] {
      guard shape == [count] else { throw ImportError("\"\(name)\" has the shape [\(count)] (actual: \(shape))") }
      return values
    }
  }

  let input: ImportedInput
  var standardization: Standardization
  private(set) var specifications: [any LayerSpecification] = []
  private var parameters: [[[Float]]] = []
  private var shape: ImportedInput
  /// The picture that was flattened with its channels first, whose values lie in another order here; nil for none.
  private(set) var flattened: ImageShape?

  /// - Throws: ``ImportError`` if the input has no value, or more than an ``Architecture`` takes.
  init(input: ImportedInput) throws {
    self.input = input
    shape = input
    let width = input.width
    guard (1...Architecture.widthLimit).contains(width) else {
      throw ImportError("an input has 1 to \(Architecture.widthLimit) values (actual: \(input))")
    }
    standardization = Standardization(width: width)
  }

  /// The number of values that the next layer gets.
  var width: Int { shape.width }
  /// The picture that the next layer gets; nil if it gets a row.
  var image: ImageShape? { if case .image(let image) = shape { image } else { nil } }
  /// Whether a layer was taken over.
  var isEmpty: Bool { specifications.isEmpty }

  // MARK: Layers

  /// y = W·x + b.
  ///
  /// - Parameters:
  ///   - weights: [outputs, inputs].
  ///   - isTransposed: Whether they are [inputs, outputs].
  ///   - bias: A value an output; nil for 0.
  mutating func dense(_ weights: Weights, isTransposed: Bool = false, bias: Weights?) throws {
    guard image == nil else {
      throw ImportError(
        "a dense layer comes after the picture is flattened (\"\(weights.name)\": no flatten before it)")
    }
    guard weights.shape.count == 2, weights.shape[isTransposed ? 0 : 1] == width,
      weights.shape[isTransposed ? 1 : 0] > 0
    else {
      throw ImportError(
        "\"\(weights.name)\" has the shape \(isTransposed ? "[\(width), outputs]" : "[outputs, \(width)]") (actual: "
          + "\(weights.shape))")
    }
    let (inputs, outputs) = (width, weights.shape[isTransposed ? 1 : 0])
    let bias = try bias?.vector(outputs) ?? [Float](repeating: 0, count: outputs)
    var values = [Float](repeating: 0, count: weights.values.count)
    for row in 0..<inputs {
      let source = place(ofColumn: row)
      for column in 0..<outputs {
        values[row * outputs + column] =
          isTransposed ? weights.values[source * outputs + column] : weights.values[column * inputs + source]
      }
    }
    flattened = nil
    try append(DenseSpecification(outputs: outputs), [values, bias])
  }

  /// Adds to the dense layer before, as a product and a sum of their own do.
  mutating func add(bias: Weights) throws -> Bool {
    guard let last = specifications.last as? DenseSpecification, last.activation == .identity else { return false }
    let values = bias.values
    guard bias.shape.last == last.outputs, values.count == last.outputs else {
      throw ImportError("\"\(bias.name)\" has the shape [\(last.outputs)] (actual: \(bias.shape))")
    }
    let place = parameters.count - 1
    for index in values.indices { parameters[place][1][index] += values[index] }
    return true
  }

  /// A convolution.
  ///
  /// - Parameter weights: [output channels, input channels, kernel, kernel].
  mutating func convolution(_ weights: Weights, bias: Weights?, stride: Int, padding: Int) throws {
    let image = try wantedImage("a convolution (\"\(weights.name)\")")
    let extents = weights.shape
    guard extents.count == 4, extents.allSatisfy({ $0 > 0 }), extents[1] == image.channels, extents[2] == extents[3]
    else {
      throw ImportError(
        "\"\(weights.name)\" has the shape [channels, \(image.channels), kernel, kernel], a square (actual: \(extents))"
      )
    }
    let (channels, kernel) = (extents[0], extents[2])
    var values = [Float](repeating: 0, count: weights.values.count)
    for output in 0..<channels {
      for input in 0..<image.channels {
        for place in 0..<kernel * kernel {
          values[(place * image.channels + input) * channels + output] =
            weights.values[(output * image.channels + input) * kernel * kernel + place]
        }
      }
    }
    let specification = ConvolutionSpecification(
      image, channels: channels, kernel: kernel, stride: stride, padding: padding, hasBias: bias != nil)
    try append(specification, [values] + [try bias?.vector(channels)].compactMap { $0 })
    shape = .image(specification.output)
  }

  /// A batch normalisation with the running moments of its training.
  mutating func batchNormalization(
    scale: Weights?, shift: Weights?, mean: Weights, variance: Weights, epsilon: Float
  ) throws {
    let channels = image?.channels ?? width
    let moments = (mean: try mean.vector(channels), variance: try variance.vector(channels))
    guard moments.variance.allSatisfy({ $0 >= 0 }) else {
      throw ImportError("a variance is at least 0 (\"\(variance.name)\": \(moments.variance.min() ?? 0))")
    }
    let values = [
      try scale?.vector(channels) ?? [Float](repeating: 1, count: channels),
      try shift?.vector(channels) ?? [Float](repeating: 0, count: channels), moments.mean, moments.variance,
    ]
    let ordered = image == nil ? values.map { value in (0..<channels).map { value[place(ofColumn: $0)] } } : values
    try append(BatchNormalizationSpecification(channels: channels, epsilon: epsilon), ordered)
  }

  /// The largest value, or the mean, of windows of a picture.
  mutating func pooling(_ kind: Pooling.Kind, size: Int, stride: Int) throws {
    let specification = PoolingSpecification(try wantedImage("a pooling"), kind, size: size, stride: stride)
    try append(specification, [])
    shape = .image(specification.output)
  }

  /// The mean of each channel of a picture.
  mutating func globalMean() throws {
    let image = try wantedImage("a global pooling")
    guard image.rows == image.columns else {
      throw ImportError("a global pooling takes a square picture (actual: \(image))")
    }
    try pooling(.mean, size: image.rows, stride: image.rows)
  }

  /// A picture as a row, its channels first.
  mutating func flatten() {
    guard let image else { return }
    shape = .row(image.count)
    flattened = image.channels == 1 || image.rows * image.columns == 1 ? nil : image
  }

  /// A row as a picture of one channel.
  mutating func unflatten(_ image: ImageShape) throws {
    guard self.image == nil, image.channels == 1, image.count == width, flattened == nil else {
      throw ImportError(
        "a row becomes a picture of one channel with as many values (actual: \(image), width \(width))")
    }
    shape = .image(image)
  }

  /// A function of each value by itself. A piecewise linear one is a part of the dense layer before it, of which solvers
  /// make use.
  mutating func activation(_ function: ActivationLayer.Function) throws {
    if case .piecewiseLinear(let activation) = function {
      if activation == .identity { return }
      if var dense = specifications.last as? DenseSpecification, dense.activation == .identity {
        dense.activation = activation
        specifications[specifications.count - 1] = dense
        return
      }
    }
    try append(ActivationSpecification(function), [])
  }

  // MARK: The network

  /// The network that was taken over.
  ///
  /// - Throws: ``ImportError`` if its output is a picture, or in the order of one; what an ``Architecture`` refuses.
  func network() throws -> ImportedNetwork {
    guard image == nil, flattened == nil else {
      throw ImportError(
        "a network ends with a row: with a flatten, and a dense layer where a picture has several channels")
    }
    let layers = isEmpty ? [ActivationSpecification(.piecewiseLinear(.identity))] : specifications
    do {
      let architecture = try Architecture(
        inputWidth: input.width, layers: layers.enumerated().map { .init("\($0.offset)", $0.element) })
      var values = parameters.joined().makeIterator()
      let network = try Network(architecture) { _, _ in values.next() ?? [] }
      return ImportedNetwork(
        means: standardization.means, standardDeviations: standardization.deviations, network: network)
    } catch let error as ArchitectureError {
      throw ImportError(error.description)
    }
  }

  private mutating func append(_ specification: any LayerSpecification, _ values: [[Float]]) throws {
    guard specifications.count < Architecture.layerLimit else {
      throw ImportError("a network has at most \(Architecture.layerLimit) layers")
    }
    do {
      let output = try specification.outputWidth(inputWidth: width)
      guard (1...Architecture.widthLimit).contains(output) else {
        throw ArchitectureError("an output is 1 to \(Architecture.widthLimit) wide (actual: \(output))")
      }
      if image == nil { shape = .row(output) }
    } catch let error as ArchitectureError {
      throw ImportError("layer \(specifications.count + 1): \(error.description)")
    }
    specifications.append(specification)
    parameters.append(values)
  }

  private func wantedImage(_ what: String) throws -> ImageShape {
    guard let image else { throw ImportError("\(what) takes a picture (actual: a row of \(width) values)") }
    return image
  }

  /// The place in the file's order of a column here.
  private func place(ofColumn column: Int) -> Int {
    guard let flattened else { return column }
    let (place, channel) = column.quotientAndRemainder(dividingBy: flattened.channels)
    return channel * flattened.rows * flattened.columns + place
  }
}
