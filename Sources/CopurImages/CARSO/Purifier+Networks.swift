internal import CopurLearning
internal import CopurNumerics

/// The networks of a purifier before any training.
extension Purifier {
  /// Batch normalisation and leaky ReLU after a layer without bias.
  static func normalized(_ name: String, channels: Int) -> [Architecture.Element] {
    [
      .init("\(name)-norm", BatchNormalizationSpecification(channels: channels)),
      .init("\(name)-relu", ActivationSpecification(.piecewiseLinear(.leakyReLU(slope: 0.2)))),
    ]
  }

  /// Convolutions of 3 × 3 that halve channels (tables 6 and 7). Without padding as in the paper, but where a picture
  /// is so small that nothing would be left of it.
  static func conditionEncoder(_ image: ImageShape, halvings: Int) throws -> Architecture {
    var layers: [Architecture.Element] = []
    var current = image
    for index in 0..<halvings {
      let padding = min(current.rows, current.columns) < 5 ? 1 : 0
      let convolution = ConvolutionSpecification(
        current, channels: (current.channels + 1) / 2, kernel: 3, padding: padding, hasBias: false)
      layers.append(.init("convolution-\(index)", convolution))
      current = convolution.output
      layers += normalized("convolution-\(index)", channels: current.channels)
    }
    return try Architecture(inputWidth: image.count, layers: layers)
  }

  /// Convolutions of 3 × 3 with stride 2 and padding 1 (table 4).
  static func inputEncoder(_ shape: ImageShape, channels: [Int]) throws -> Architecture {
    var layers: [Architecture.Element] = []
    var current = shape
    for (index, count) in channels.enumerated() {
      let convolution = ConvolutionSpecification(
        current, channels: count, kernel: 3, stride: 2, padding: 1, hasBias: false)
      layers.append(.init("convolution-\(index)", convolution))
      current = convolution.output
      layers += normalized("convolution-\(index)", channels: count)
    }
    return try Architecture(inputWidth: shape.count, layers: layers)
  }

  /// A linear layer without bias, which is a convolution of one place, normalised (tables 8 and 9).
  static func linear(
    _ inputWidth: Int, to width: Int, then further: [Architecture.Element] = []
  ) throws -> Architecture {
    let convolution = ConvolutionSpecification(
      ImageShape(rows: 1, columns: 1, channels: inputWidth), channels: width, kernel: 1, hasBias: false)
    return try Architecture(
      inputWidth: inputWidth,
      layers: [.init("linear", convolution)] + normalized("linear", channels: width) + further)
  }

  /// A linear layer to a small picture, then transposed convolutions of 4 × 4 with stride 2 and padding 1, each of
  /// which doubles the extents (tables 10 and 11, whose pictures are of odd extents); the last one's output is
  /// log-odds, to which the paper's logistic function is applied.
  static func decoder(_ shape: ImageShape, inputWidth: Int, channels: [Int]) throws -> Architecture {
    let scale = 1 << min(channels.count, 20)
    guard shape.rows.isMultiple(of: scale), shape.columns.isMultiple(of: scale) else {
      throw ArchitectureError(
        "a picture's rows and columns are multiples of \(scale) for a decoder of \(channels.count) doublings (actual: "
          + "\(shape))")
    }
    var current = ImageShape(rows: shape.rows / scale, columns: shape.columns / scale, channels: channels[0])
    var layers: [Architecture.Element] = [
      .init("linear", DenseSpecification(outputs: current.count, activation: .leakyReLU(slope: 0.2)))
    ]
    for (index, count) in (channels.dropFirst() + [shape.channels]).enumerated() {
      let isLast = index == channels.count - 1
      let convolution = TransposedConvolutionSpecification(
        current, channels: count, kernel: 4, stride: 2, padding: 1, hasBias: isLast)
      layers.append(.init("transposed-\(index)", convolution))
      current = convolution.output
      if !isLast { layers += normalized("transposed-\(index)", channels: count) }
    }
    return try Architecture(inputWidth: inputWidth, layers: layers)
  }

  // MARK: Pictures
}
