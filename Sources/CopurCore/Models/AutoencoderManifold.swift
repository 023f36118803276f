public import CopurLearning
public import CopurNumerics

/// The range of a learned decoder (CoPur, section 2.1): two dense networks, E from embeddings to codes and D back.
///
/// D has one hidden layer and an output without activation, as in the paper's autoencoder; solvers rely on it.
public struct AutoencoderManifold: Manifold, Hashable {
  public let layout: BlockLayout
  /// E.
  public let encoder: DenseNetwork
  /// D.
  public let decoder: DenseNetwork
  public let centralCode: [Float]
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

  public var codeWidth: Int { decoder.inputWidth }
  public var affineDecoder: (offset: [Float], directions: Matrix)? { nil }

  public func encode(_ embeddings: Matrix) -> Matrix { encoder.infer(embeddings) }
  public func decode(_ codes: Matrix) -> Matrix { decoder.infer(codes) }

  public func projectionGradient(_ gradient: Matrix, at embeddings: Matrix) -> Matrix {
    let encoding = encoder.trace(embeddings)
    let codes = decoder.backward(decoder.trace(encoding.output), outputGradient: gradient).input
    return encoder.backward(encoding, outputGradient: codes).input
  }

  public func decodeWithJacobians(_ codes: Matrix) -> (embeddings: Matrix, jacobians: Matrix) {
    let (output, jacobians) = decoder.forwardWithJacobians(codes)
    return (output, jacobians)
  }

  public var networks: (encoder: DenseNetwork, decoder: DenseNetwork) { (encoder, decoder) }
}
