public import CopurLearning

/// An agent's convolutional extractor: layers that halve the picture and double the channels, a dense layer, the embedding.
public struct ConvolutionSettings: Hashable, Sendable, Codable {
  /// The number of channels of the first layer, at least 1; each further one has twice as many.
  public var channels = 24
  /// The number of layers of convolution; at least 1.
  public var layers = 2
  /// The rows, and columns, of a filter; at least 2.
  public var kernel = 4
  /// The width of the dense layer between the last convolution and the embedding; at least 1.
  public var width = 96
  /// The share of that layer's values that a step of training leaves out, from 0 to under 1.
  public var dropout: Float = 0.3

  /// The defaults.
  public init() {}

  /// The settings beside `kind: convolutional`.
  public static var settings: [Setting<ConvolutionSettings>] {
    [
      .integer(
        "channels", \.channels, 1...1 << 12, "how many channels the first layer has; each further one has twice as many"
      ),
      .integer("layers", \.layers, 1...8, "how many layers of convolution, each of which halves the picture"),
      .integer("kernel", \.kernel, 2...64, "the rows, and columns, of a filter"),
      .integer("width", \.width, 1...1 << 16, "the width of the dense layer before the embedding"),
      .number("dropout", \.dropout, .underOne, "the share of that layer's values that a step of training leaves out"),
    ]
  }

  /// The network of an agent.
  ///
  /// - Parameters:
  ///   - features: How many raw features the agent has.
  ///   - geometry: How they lie; a grid.
  ///   - outputs: How wide the embedding is.
  /// - Throws: ``CopurError`` of code `.configuration` if the features are no picture, or one too small for so many layers.
  public func architecture(features: Int, geometry: FeatureGeometry, outputs: Int) throws -> Architecture {
    guard case .grid(let rows, let columns, let channels) = geometry, geometry.fits(features) else {
      throw CopurError(
        .configuration,
        "a convolutional extractor takes a picture: a data set of images, or columns named pixel:ROW:COLUMN or "
          + "pixel:ROW:COLUMN:CHANNEL, row by row (actual: \(features) features without places)")
    }
    guard (1...1 << 12).contains(self.channels), (1...8).contains(self.layers), (2...64).contains(kernel),
      (1...1 << 16).contains(width), (0..<1).contains(dropout)
    else {
      throw CopurError(
        .configuration,
        "a convolutional extractor has 1 to 4096 channels, 1 to 8 layers, filters of 2 to 64 rows, a width of 1 to 65536 and "
          + "a dropout from 0 to under 1 (actual: \(self.channels), \(self.layers), \(kernel), \(width), \(dropout))")
    }
    var shape = ImageShape(rows: rows, columns: columns, channels: channels)
    var layers: [Architecture.Element] = []
    do {
      for layer in 0..<self.layers {
        let convolution = ConvolutionSpecification(
          shape, channels: self.channels << layer, kernel: kernel, stride: 2, padding: (kernel - 1) / 2,
          activation: .relu)
        layers.append(.init("convolution-\(layer)", convolution))
        shape = convolution.output
      }
      layers.append(.init("dense", DenseSpecification(outputs: width, activation: .relu)))
      if dropout > 0 { layers.append(.init("dropout", DropoutSpecification(rate: dropout))) }
      layers.append(.init("embedding", DenseSpecification(outputs: outputs)))
      return try Architecture(inputWidth: features, layers: layers)
    } catch {
      throw CopurError(.configuration, "a convolutional extractor of a picture of \(geometry): \(error)")
    }
  }
}

extension FeatureGeometry {
  /// The grid of features that are named `pixel:ROW:COLUMN` or `pixel:ROW:COLUMN:CHANNEL`, row by row and channels last; nil
  /// for others. Rows and columns may begin at any number, as those of a region do.
  public init?(pixels names: [String]) {
    let places = names.compactMap { name -> [Int]? in
      let parts = name.split(separator: ":", omittingEmptySubsequences: false)
      guard (3...4).contains(parts.count), parts[0] == "pixel" else { return nil }
      let numbers = parts.dropFirst().compactMap { Int($0) }
      return numbers.count == parts.count - 1 ? numbers : nil
    }
    guard let first = places.first, let last = places.last, places.count == names.count,
      places.allSatisfy({ $0.count == first.count && $0.allSatisfy { (0..<1 << 20).contains($0) } })
    else { return nil }
    let (rows, columns) = (last[0] - first[0] + 1, last[1] - first[1] + 1)
    let channels = first.count == 3 ? last[2] + 1 : 1
    guard rows >= 1, columns >= 1 else { return nil }
    let grid = FeatureGeometry.grid(rows: rows, columns: columns, channels: channels)
    guard grid.fits(names.count) else { return nil }
    for (index, place) in places.enumerated() {
      let (cell, channel) = (index / channels, index % channels)
      guard place[0] == first[0] + cell / columns, place[1] == first[1] + cell % columns,
        place.count == 2 || place[2] == channel
      else { return nil }
    }
    self = grid
  }
}
