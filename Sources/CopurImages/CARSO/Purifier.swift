public import CopurLearning
public import CopurNumerics

/// A conditional variational autoencoder that gives a clean picture from a frozen classifier's pre-activations on a
/// perhaps attacked one (CARSO, sections 4.1 and 4.3, tables 4 and 6 to 11, in sizes for small pictures).
///
/// A picture x and the classifier's pre-activations c(x) on it are encoded apart, then together, to mean μ and
/// log-variance of a code z; the decoder makes a picture of z and the encoded c(x). After training the encoder of
/// pictures is of no use: z is drawn from the standard normal, so that a purified picture depends on x through c(x)
/// alone.
public struct Purifier: Sendable {
  /// The widths of the networks.
  public struct Widths: Hashable, Sendable, Codable {
    /// The channels of the two convolutions that encode a picture (table 4).
    public var inputChannels: [Int]
    /// The number of times that the channels of a convolution's pre-activations are halved (tables 6 and 7); at least 1.
    public var halvings: Int
    /// The width of the encoded pre-activations, the paper's fcrepr.
    public var representation: Int
    /// The width of the code, the paper's fjoint.
    public var code: Int
    /// The channels of the decoder's pictures, from the smallest picture on; each but the first after a transposed
    /// convolution that doubles the extents, and one more of these gives the picture.
    public var decoderChannels: [Int]

    public init(
      inputChannels: [Int] = [6, 12], halvings: Int = 2, representation: Int = 128, code: Int = 32,
      decoderChannels: [Int] = [64, 32]
    ) {
      self.inputChannels = inputChannels
      self.halvings = halvings
      self.representation = representation
      self.code = code
      self.decoderChannels = decoderChannels
    }
  }

  /// The pictures' extents.
  public let shape: ImageShape
  /// The widths of the networks.
  public let widths: Widths
  /// The layers of the classifier whose pre-activations are the condition.
  public let conditions: [PictureClassifier.Preactivation]
  /// Mean and deviation of each channel, by which the encoder's pictures are standardised.
  let moments: [(mean: Float, deviation: Float)]
  /// The encoders of those conditions that are pictures, in their order; then those of `Part`.
  package var networks: [Network]
  /// The place of each condition's encoder among the networks; nil for one that is taken as it is.
  let encoders: [Int?]

  /// The networks after the conditions' encoders.
  enum Part: Int {
    /// Encoded conditions side by side to fcrepr numbers.
    case representation
    /// A picture to some channels.
    case input
    /// Encoded picture and conditions to mean and log-variance of the code.
    case joint
    /// Code and encoded conditions to a picture's log-odds.
    case decoder
  }

  /// A purifier to start a training from.
  ///
  /// - Parameters:
  ///   - classifier: Whose pre-activations are the condition.
  ///   - layers: Which of ``PictureClassifier/preactivations`` they are, by their place there; nil for all.
  ///   - pictures: [n, d], by whose mean and deviation the encoder standardises; at least one.
  /// - Throws: `ArchitectureError` if a width breaks its rule, or a layer is none of the classifier's.
  public init(
    for classifier: PictureClassifier, layers: [Int]? = nil, widths: Widths = Widths(), pictures: Matrix,
    using generator: inout SeededGenerator
  ) throws {
    let shape = classifier.shape
    let layers = layers ?? Array(classifier.preactivations.indices)
    guard !layers.isEmpty, layers.allSatisfy(classifier.preactivations.indices.contains) else {
      throw ArchitectureError(
        "a purifier's conditions are layers of the classifier, numbers under \(classifier.preactivations.count) "
          + "(actual: \(layers))")
    }
    guard widths.halvings >= 1, !widths.decoderChannels.isEmpty, widths.representation >= 1, widths.code >= 1 else {
      throw ArchitectureError(
        "a purifier halves channels once or more, its decoder has channels, its widths are 1 or more (actual: "
          + "\(widths.halvings), \(widths.decoderChannels), \(widths.representation), \(widths.code))")
    }
    self.shape = shape
    self.widths = widths
    conditions = layers.map { classifier.preactivations[$0] }
    moments = Self.moments(of: pictures, channels: shape.channels)
    var networks: [Network] = []
    var encoders: [Int?] = []
    var encodedWidth = 0
    for condition in conditions {
      guard let image = condition.shape else {
        encoders.append(nil)
        encodedWidth += condition.width
        continue
      }
      let architecture = try Self.conditionEncoder(image, halvings: widths.halvings)
      encoders.append(networks.count)
      encodedWidth += architecture.outputWidth
      networks.append(try Network(architecture, using: &generator))
    }
    let representation = try Self.linear(encodedWidth, to: widths.representation)
    let input = try Self.inputEncoder(shape, channels: widths.inputChannels)
    let joint = try Self.linear(
      input.outputWidth + widths.representation, to: widths.code,
      then: [.init("heads", DenseSpecification(outputs: 2 * widths.code))])
    let decoder = try Self.decoder(
      shape, inputWidth: widths.code + widths.representation, channels: widths.decoderChannels)
    for architecture in [representation, input, joint, decoder] {
      networks.append(try Network(architecture, using: &generator))
    }
    self.networks = networks
    self.encoders = encoders
  }

  /// The place of a part among the networks.
  func index(_ part: Part) -> Int { networks.count - 4 + part.rawValue }

  subscript(_ part: Part) -> Network { networks[index(part)] }

  // MARK: Architectures

  private static func moments(of pictures: Matrix, channels: Int) -> [(mean: Float, deviation: Float)] {
    let count = Double(max(1, pictures.values.count / channels))
    return (0..<channels).map { channel in
      var (sum, squares) = (0.0, 0.0)
      for place in stride(from: channel, to: pictures.values.count, by: channels) {
        let value = Double(pictures.values[place])
        sum += value
        squares += value * value
      }
      let mean = sum / count
      let deviation = Float(max(0, squares / count - mean * mean).squareRoot())
      return (Float(mean), deviation > 0 ? deviation : 1)
    }
  }

  /// Pictures as the encoder takes them, each channel with mean 0 and deviation 1 over the training pictures (appendix
  /// E.1).
  func standardized(_ pictures: Matrix) -> Matrix {
    let channels = shape.channels
    return Matrix(rows: pictures.rows, columns: pictures.columns) { output in
      pictures.values.withUnsafeBufferPointer { input in
        for start in stride(from: 0, to: input.count, by: channels) {
          for channel in 0..<channels {
            output[start + channel] = (input[start + channel] - moments[channel].mean) / moments[channel].deviation
          }
        }
      }
    }
  }
}
