public import CopurLearning
public import CopurNumerics

/// The range of a learned decoder (CoPur, section 2.1): two dense networks, E from embeddings to codes and D back.
///
/// D has one hidden layer and an output without activation, as in the paper's autoencoder; solvers rely on it.
public struct AutoencoderManifold: PiecewiseAffineManifold, Hashable {
  /// The blocks of the D values of an embedding.
  public let layout: BlockLayout
  /// E.
  public let encoder: DenseNetwork
  /// D.
  public let decoder: DenseNetwork
  /// z̄, the mean code of clean training embeddings, r values: where solvers begin without a better guess.
  public let centralCode: [Float]
  /// The mean ‖l_i‖₂ of clean training embeddings, over their blocks.
  public let blockScale: Float

  /// - Parameters:
  ///   - encoder: E, from D values to r.
  ///   - decoder: D, from r values to D; ``isDecoder(_:)``.
  ///   - centralCode: The mean code of clean training embeddings, r values.
  ///   - blockScale: The mean block norm of clean training embeddings.
  public init(
    layout: BlockLayout, encoder: DenseNetwork, decoder: DenseNetwork, centralCode: [Float], blockScale: Float
  ) {
    precondition(Self.isDecoder(decoder), "a decoder has one hidden layer and an output without activation")
    precondition(encoder.inputWidth == layout.totalWidth && decoder.outputWidth == layout.totalWidth)
    precondition(encoder.outputWidth == decoder.inputWidth && centralCode.count == decoder.inputWidth)
    self.layout = layout
    self.encoder = encoder
    self.decoder = decoder
    self.centralCode = centralCode
    self.blockScale = blockScale
  }

  /// A trained autoencoder, its middle measured on the embeddings that it was trained on.
  ///
  /// - Parameters:
  ///   - network: E and D as one chain, E the first half of its layers.
  ///   - embeddings: Clean training embeddings, [n, D].
  public init(network: DenseNetwork, layout: BlockLayout, embeddings: Matrix) {
    let half = network.layers.count / 2
    let encoder = DenseNetwork(layers: Array(network.layers[..<half]))
    self.init(
      layout: layout, encoder: encoder, decoder: DenseNetwork(layers: Array(network.layers[half...])),
      centralCode: encoder.infer(embeddings).columnMeans, blockScale: meanBlockNorm(embeddings, layout: layout))
  }

  /// Whether a network has the form that a decoder has.
  public static func isDecoder(_ network: DenseNetwork) -> Bool {
    network.layers.count == 2 && network.layers[1].activation == .identity
  }

  /// r, the width of the bottleneck.
  public var codeWidth: Int { decoder.inputWidth }

  /// E of each row, from [n, D] to [n, r].
  public func encode(_ embeddings: Matrix) -> Matrix { encoder.infer(embeddings) }
  /// D of each row, from [n, r] to [n, D].
  public func decode(_ codes: Matrix) -> Matrix { decoder.infer(codes) }

  /// Jᵀ·g of D∘E at each row, by back-propagation through D and then E; `gradient` and `embeddings` are [n, D].
  public func projectionGradient(_ gradient: Matrix, at embeddings: Matrix) -> Matrix {
    let encoding = encoder.trace(embeddings)
    let codes = decoder.backward(decoder.trace(encoding.output), outputGradient: gradient).input
    return encoder.backward(encoding, outputGradient: codes).input
  }

  /// D of each row, [n, D], and back-propagation through it.
  public func decodeWithPullback(_ codes: Matrix) -> (embeddings: Matrix, pullback: (Matrix) -> Matrix) {
    let trace = decoder.trace(codes)
    return (trace.output, { decoder.backward(trace, outputGradient: $0).input })
  }

  /// D of each row, [n, D], and its Jacobian there, [n·r, D], r rows a code.
  public func decodeWithJacobians(_ codes: Matrix) -> (embeddings: Matrix, jacobians: Matrix) {
    let (output, jacobians) = decoder.forwardWithJacobians(codes)
    return (output, jacobians)
  }
}

extension AutoencoderManifold {
  /// An autoencoder as scenarios set it. The defaults are the paper's (CoPur, supplement, section C).
  public struct Settings: ManifoldKind {
    public static var entry: KindEntry<any ManifoldKind> {
      KindEntry("autoencoder", "Four dense layers, the code in the middle.", Settings())
    }

    public static var settings: [Setting<Settings>] {
      [
        .integer("hidden", \.hidden, 1...1 << 20, "the width of an autoencoder's hidden layers"),
        .number("slope", \.slope, .fraction, "the slope of an autoencoder's leaky ReLU below 0"),
        .integer("epochs", \.epochs, 1...1_000_000, "passes of an autoencoder over the training rows"),
        .number("learning_rate", \.learningRate, .positive, "the step size of an autoencoder's optimiser"),
      ]
    }

    /// The width of the hidden layers; at least 1.
    public var hidden: Int
    /// The slope of the leaky ReLU below 0, from 0 to 1.
    public var slope: Float
    /// Passes over the training rows; at least 1.
    public var epochs: Int
    /// The optimiser's step size, over 0.
    public var learningRate: Float

    /// - Parameters:
    ///   - hidden: The width of the hidden layers; at least 1.
    ///   - slope: The slope of the leaky ReLU below 0, from 0 to 1.
    ///   - epochs: Passes over the training rows; at least 1.
    ///   - learningRate: The optimiser's step size, over 0.
    public init(hidden: Int = 200, slope: Float = 0.8, epochs: Int = 400, learningRate: Float = 0.001) {
      self.hidden = hidden
      self.slope = slope
      self.epochs = epochs
      self.learningRate = learningRate
    }

    public var kind: String { "autoencoder" }

    public func validate(embeddingWidth: Int, code: Int?, given keys: Set<String>) throws(SettingError) {
      let limit = TrainingSettings.weightLimit
      guard max(embeddingWidth, code ?? 0).multipliedReportingOverflow(by: hidden).partialValue <= limit else {
        throw SettingError(
          "the embedding of all agents × hidden, an autoencoder's weights, is at most \(limit) (actual: \(embeddingWidth) × "
            + "\(hidden))", at: keys.contains("hidden") ? "hidden" : nil)
      }
    }

    public func learn(
      _ embeddings: Matrix, layout: BlockLayout, code: Int, batch: Int, seed: UInt64,
      report: (_ epoch: Int, _ epochs: Int, _ loss: Float) -> Void
    ) throws -> any Manifold {
      var generator = SeededGenerator(seed: seed, purpose: "autoencoder")
      let activation = Activation.leakyReLU(slope: slope)
      // Leaky ReLU after layers 1 and 3 of four: the code and the output are affine (supplement, section C.2).
      let widths = [layout.totalWidth, hidden, code, hidden, layout.totalWidth]
      let network = DenseNetwork(
        layers: (0..<4).map { index in
          DenseLayer(
            inputs: widths[index], outputs: widths[index + 1], activation: index % 2 == 0 ? activation : .identity,
            using: &generator)
        })
      let trained = try AutoencoderTraining.train(
        network, inputs: embeddings, optimizer: Optimizer(.adam(), learningRate: learningRate), epochs: epochs,
        batch: batch, using: &generator
      ) { report($0, epochs, $1) }
      return AutoencoderManifold(network: trained, layout: layout, embeddings: embeddings)
    }
  }
}

extension ManifoldKind where Self == AutoencoderManifold.Settings {
  /// Four dense layers, the code in the middle, with the paper's settings where no others are given.
  public static func autoencoder(
    hidden: Int = 200, slope: Float = 0.8, epochs: Int = 400, learningRate: Float = 0.001
  ) -> Self {
    Self(hidden: hidden, slope: slope, epochs: epochs, learningRate: learningRate)
  }
}

extension AutoencoderManifold: BundlePart {
  public static let kind = "autoencoder-manifold"

  public init(from reader: PartReader) throws {
    let (encoder, decoder) = (try reader.denseNetwork("encoder"), try reader.denseNetwork("decoder"))
    guard Self.isDecoder(decoder) else {
      let actual = decoder.layers.map { "\($0.activation)" }.joined(separator: ", ")
      throw CopurError(
        .invalidData, "\"decoder\" has one hidden layer and an output without activation (actual: \(actual))")
    }
    try Self.check(encoder.inputWidth, encoder.outputWidth, decoder.inputWidth, decoder.outputWidth, reader)
    self.init(
      layout: reader.roster.layout, encoder: encoder, decoder: decoder,
      centralCode: try reader.vector("central_code", count: decoder.inputWidth),
      blockScale: try reader.vector("block_scale", count: 1)[0])
  }

  public func write(to writer: inout PartWriter) throws {
    try writer.write(Network(encoder), "encoder")
    try writer.write(Network(decoder), "decoder")
    writer.write(centralCode, "central_code")
    writer.write([blockScale], "block_scale")
  }
}
