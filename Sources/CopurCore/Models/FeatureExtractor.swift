public import CopurNumerics

/// An agent's local model f_θi: raw features in, embedding out. A bundle holds one for each agent.
public protocol FeatureExtractor: BundlePart, Hashable {
  /// How many raw features a row has.
  var inputWidth: Int { get }
  /// d_i, how wide an embedding is.
  var embeddingWidth: Int { get }

  /// Embeds a batch of rows.
  ///
  /// A row's embedding is the same, bit for bit, whatever else is in the batch.
  ///
  /// - Parameter rows: Raw features, [n, inputWidth]; NaN where a value is missing.
  /// - Returns: [n, embeddingWidth].
  func embed(_ rows: Matrix) -> Matrix
}

extension [any FeatureExtractor] {
  /// Embeds the rows of all agents and puts the blocks side by side.
  ///
  /// - Parameters:
  ///   - features: Raw features of all agents, [n, D_x]; NaN where a value is missing.
  ///   - layout: Which features are whose; as many blocks as extractors.
  /// - Returns: h, [n, D].
  public func embed(_ features: Matrix, layout: BlockLayout) -> Matrix {
    precondition(layout.count == count)
    let blocks = BlockLayout(widths: map(\.embeddingWidth))
    var embeddings = Matrix(rows: features.rows, columns: blocks.totalWidth)
    for (index, extractor) in enumerated() {
      embeddings.replaceColumns(blocks[index], with: extractor.embed(features.columns(layout[index])))
    }
    return embeddings
  }

  /// The embeddings of the agents that say something of a row, the others' blocks missing.
  ///
  /// - Parameters:
  ///   - features: Raw features of all agents, [n, D_x]; NaN where a value is missing.
  ///   - layout: Which features are whose; as many blocks as extractors.
  ///   - silence: When an agent says nothing.
  public func observe(_ features: Matrix, layout: BlockLayout, silence: SilenceRule) -> Observation {
    Observation(
      layout: BlockLayout(widths: map(\.embeddingWidth)), embeddings: embed(features, layout: layout),
      observed: silence.presence(in: features, layout: layout))
  }

  /// Whether these compute the same as others, in the same order.
  public func areEqual(to others: [any FeatureExtractor]) -> Bool {
    map { AnyHashable($0) } == others.map { AnyHashable($0) }
  }
}

extension Array where Element: FeatureExtractor {
  /// The same for extractors of one kind.
  public func embed(_ features: Matrix, layout: BlockLayout) -> Matrix {
    (self as [any FeatureExtractor]).embed(features, layout: layout)
  }

  /// The same for extractors of one kind.
  public func observe(_ features: Matrix, layout: BlockLayout, silence: SilenceRule) -> Observation {
    (self as [any FeatureExtractor]).observe(features, layout: layout, silence: silence)
  }
}
