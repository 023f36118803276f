public import CopurLearning
public import CopurNumerics

/// A convolutional network for small pictures, whose layers' pre-activations can be taken out.
///
/// Convolutions of 4 × 4 with stride 2 and padding 1, then dense layers, with ReLU between them. Affine parts and ReLU
/// are layers of their own, so that pre-activations are outputs of layers.
public struct PictureClassifier: Sendable {
  /// The widths of the layers.
  public struct Widths: Hashable, Sendable, Codable {
    /// The channels of each convolution; each halves a picture's extents.
    public var channels: [Int]
    /// The width of each dense layer but the last.
    public var hidden: [Int]

    public init(channels: [Int] = [16, 32], hidden: [Int] = [100]) {
      self.channels = channels
      self.hidden = hidden
    }
  }

  /// A layer whose output is a pre-activation.
  public struct Preactivation: Hashable, Sendable {
    /// The layer's number, as of `Network.Trace.outputs`.
    public let layer: Int
    /// Its output as pictures; nil for a dense layer.
    public let shape: ImageShape?
    /// The number of values of the output.
    public let width: Int
  }

  /// The pictures' extents.
  public let shape: ImageShape
  /// The number of classes.
  public let classes: Int
  /// The layers, from pictures to a logit a class.
  public let network: Network
  /// The affine layers, first to last; the last one's output is the logits.
  public let preactivations: [Preactivation]

  /// A classifier to start a training from.
  ///
  /// - Parameters:
  ///   - shape: Rows and columns are multiples of 2 to the power of the number of convolutions.
  ///   - classes: At least 2.
  /// - Throws: `ArchitectureError` if extents or widths break their rule.
  public init(
    _ shape: ImageShape, classes: Int, widths: Widths = Widths(), using generator: inout SeededGenerator
  ) throws {
    guard classes >= 2 else {
      throw ArchitectureError("a classifier of pictures has 2 classes or more (actual: \(classes))")
    }
    var layers: [Architecture.Element] = []
    var preactivations: [Preactivation] = []
    var current = shape
    for (index, channels) in widths.channels.enumerated() {
      guard current.rows.isMultiple(of: 2), current.columns.isMultiple(of: 2) else {
        throw ArchitectureError(
          "a picture's rows and columns are multiples of 2 for each convolution of a classifier (actual: \(shape), "
            + "\(widths.channels.count) convolutions)")
      }
      let convolution = ConvolutionSpecification(current, channels: channels, kernel: 4, stride: 2, padding: 1)
      current = convolution.output
      preactivations.append(Preactivation(layer: layers.count, shape: current, width: current.count))
      layers.append(.init("convolution-\(index)", convolution))
      layers.append(.init("convolution-relu-\(index)", ActivationSpecification(.piecewiseLinear(.relu))))
    }
    for (index, width) in widths.hidden.enumerated() {
      preactivations.append(Preactivation(layer: layers.count, shape: nil, width: width))
      layers.append(.init("dense-\(index)", DenseSpecification(outputs: width)))
      layers.append(.init("dense-relu-\(index)", ActivationSpecification(.piecewiseLinear(.relu))))
    }
    preactivations.append(Preactivation(layer: layers.count, shape: nil, width: classes))
    layers.append(.init("logits", DenseSpecification(outputs: classes)))
    self.shape = shape
    self.classes = classes
    self.preactivations = preactivations
    network = try Network(Architecture(inputWidth: shape.count, layers: layers), using: &generator)
  }

  /// The same classifier with another network of the same architecture.
  func replacing(_ network: Network) -> PictureClassifier {
    PictureClassifier(shape: shape, classes: classes, network: network, preactivations: preactivations)
  }

  private init(shape: ImageShape, classes: Int, network: Network, preactivations: [Preactivation]) {
    self.shape = shape
    self.classes = classes
    self.network = network
    self.preactivations = preactivations
  }
}

extension PictureClassifier: PictureVictim {
  public var draws: Int { 1 }
  public var isRandom: Bool { false }

  public func logits(of pictures: Matrix, numbers: [Int], passes: Int, seed: UInt64) -> Matrix {
    network.infer(pictures).repeatingEachRow(passes)
  }

  public func gradient(
    of pictures: Matrix, numbers: [Int], passes: Int, seed: UInt64,
    loss: (Matrix) -> (values: [Float], slopes: Matrix)
  ) -> (values: [Float], gradient: Matrix) {
    let trace = network.trace(pictures)
    let (values, slopes) = loss(trace.output.repeatingEachRow(passes))
    return (values, network.pullback(trace, outputGradient: slopes.sumsOfRows(inGroupsOf: passes)))
  }
}
