public import CopurLearning
public import CopurNumerics

/// The range of a decoder of any layers, with an encoder of any layers: an autoencoder with smooth activations or several
/// hidden layers, or the code's end of a flow.
///
/// Solvers know of it that it is differentiable. Where D has one hidden layer of piecewise linear units,
/// ``AutoencoderManifold`` is the same set with a faster solver.
public struct NetworkManifold: Manifold, Hashable {
  /// The blocks of the D values of an embedding.
  public let layout: BlockLayout
  /// E.
  public let encoder: Network
  /// D.
  public let decoder: Network
  /// z̄, the mean code of clean training embeddings, r values: where solvers begin without a better guess.
  public let centralCode: [Float]
  /// The mean ‖l_i‖₂ of clean training embeddings, over their blocks.
  public let blockScale: Float

  /// - Parameters:
  ///   - encoder: E, from D values to r.
  ///   - decoder: D, from r values to D.
  ///   - centralCode: The mean code of clean training embeddings, r values.
  ///   - blockScale: The mean block norm of clean training embeddings.
  public init(layout: BlockLayout, encoder: Network, decoder: Network, centralCode: [Float], blockScale: Float) {
    precondition(encoder.inputWidth == layout.totalWidth && decoder.outputWidth == layout.totalWidth)
    precondition(encoder.outputWidth == decoder.inputWidth && centralCode.count == decoder.inputWidth)
    self.layout = layout
    self.encoder = encoder
    self.decoder = decoder
    self.centralCode = centralCode
    self.blockScale = blockScale
  }

  /// Trained networks, the middle measured on the embeddings that they were trained on.
  ///
  /// - Parameter embeddings: Clean training embeddings, [n, D].
  public init(encoder: Network, decoder: Network, layout: BlockLayout, embeddings: Matrix) {
    self.init(
      layout: layout, encoder: encoder, decoder: decoder, centralCode: encoder.infer(embeddings).columnMeans,
      blockScale: meanBlockNorm(embeddings, layout: layout))
  }

  /// r, the width of D's input.
  public var codeWidth: Int { decoder.inputWidth }

  /// E of each row, from [n, D] to [n, r].
  public func encode(_ embeddings: Matrix) -> Matrix { encoder.infer(embeddings) }
  /// D of each row, from [n, r] to [n, D].
  public func decode(_ codes: Matrix) -> Matrix { decoder.infer(codes) }

  /// D of each row, [n, D], and back-propagation through it.
  public func decodeWithPullback(_ codes: Matrix) -> (embeddings: Matrix, pullback: (Matrix) -> Matrix) {
    let trace = decoder.trace(codes)
    return (trace.output, { decoder.pullback(trace, outputGradient: $0) })
  }

  /// Back-propagation through D and then E; `gradient` and `embeddings` are [n, D].
  public func projectionGradient(_ gradient: Matrix, at embeddings: Matrix) -> Matrix {
    let encoding = encoder.trace(embeddings)
    let codes = decoder.pullback(decoder.trace(encoding.output), outputGradient: gradient)
    return encoder.pullback(encoding, outputGradient: codes)
  }
}

extension NetworkManifold: BundlePart {
  public static let kind = "network-manifold"

  public init(from reader: PartReader) throws {
    let (encoder, decoder) = (try reader.network("encoder"), try reader.network("decoder"))
    try Self.check(encoder.inputWidth, encoder.outputWidth, decoder.inputWidth, decoder.outputWidth, reader)
    self.init(
      layout: reader.roster.layout, encoder: encoder, decoder: decoder,
      centralCode: try reader.vector("central_code", count: decoder.inputWidth),
      blockScale: try reader.vector("block_scale", count: 1)[0])
  }

  public func write(to writer: inout PartWriter) throws {
    try writer.write(encoder, "encoder")
    try writer.write(decoder, "decoder")
    writer.write(centralCode, "central_code")
    writer.write([blockScale], "block_scale")
  }
}
