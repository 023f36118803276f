public import CopurNumerics

/// An agent's local model f_θi: raw features in, embedding out. A bundle holds one for each agent.
public protocol FeatureExtractor: BundlePart, Hashable {
  /// The number of raw features of a row.
  var inputWidth: Int { get }
  /// d_i, how wide an embedding is.
  var embeddingWidth: Int { get }

  /// Embeds a batch of rows.
  ///
  /// A row's embedding is the same, bit for bit, whatever else is in the batch.
  ///
  /// - Parameter rows: Raw features, [n, inputWidth]; NaN where a value is missing.
  /// - Returns: [n, embeddingWidth].
  /// - Throws: ``CopurError`` if rows cannot be embedded here, which those never do that need nothing outside of this program.
  func embed(_ rows: Matrix) throws -> Matrix
}

extension FeatureExtractor {
  /// Embeds the rows that the agent has; the others' embeddings are 0, and nobody is asked for them.
  ///
  /// - Parameters:
  ///   - rows: Raw features, [n, inputWidth]; NaN where a value is missing.
  ///   - presence: Whether the agent has each row.
  public func embed(_ rows: Matrix, where presence: [Bool]) throws -> Matrix {
    precondition(presence.count == rows.rows)
    guard presence.contains(false) else { return try embed(rows) }
    let present = presence.indices.filter { presence[$0] }
    let embedded = try embed(rows.selecting(rows: present))
    var embeddings = Matrix(rows: rows.rows, columns: embeddingWidth)
    for (position, row) in present.enumerated() { embeddings[row: row] = embedded[row: position] }
    return embeddings
  }
}

extension [any FeatureExtractor] {
  /// Embeds the rows of all agents and puts the blocks side by side.
  ///
  /// - Parameters:
  ///   - features: Raw features of all agents, [n, D_x]; NaN where a value is missing.
  ///   - layout: Which features are whose; as many blocks as extractors.
  /// - Returns: h, [n, D].
  /// - Throws: ``CopurError`` if an extractor cannot embed rows here.
  public func embed(_ features: Matrix, layout: BlockLayout) throws -> Matrix {
    try embed(features, layout: layout, presence: [Bool](repeating: true, count: features.rows * count))
  }

  /// The same, with 0 in place of what an agent does not have.
  private func embed(_ features: Matrix, layout: BlockLayout, presence: [Bool]) throws -> Matrix {
    precondition(layout.count == count)
    let blocks = BlockLayout(widths: map(\.embeddingWidth))
    var embeddings = Matrix(rows: features.rows, columns: blocks.totalWidth)
    for (index, extractor) in enumerated() {
      let own = Swift.stride(from: index, to: presence.count, by: count).map { presence[$0] }
      embeddings.replaceColumns(blocks[index], with: try extractor.embed(features.columns(layout[index]), where: own))
    }
    return embeddings
  }

  /// The embeddings of the agents that say something of a row, the others' blocks missing.
  ///
  /// - Parameters:
  ///   - features: Raw features of all agents, [n, D_x]; NaN where a value is missing.
  ///   - layout: Which features are whose; as many blocks as extractors.
  ///   - silence: When an agent says nothing.
  /// - Throws: ``CopurError`` if an extractor cannot embed rows here.
  public func observe(_ features: Matrix, layout: BlockLayout, silence: SilenceRule) throws -> Observation {
    let presence = silence.presence(in: features, layout: layout)
    return Observation(
      layout: BlockLayout(widths: map(\.embeddingWidth)),
      embeddings: try embed(features, layout: layout, presence: presence), observed: presence)
  }

  /// Whether these compute the same as others, in the same order.
  public func areEqual(to others: [any FeatureExtractor]) -> Bool {
    map { AnyHashable($0) } == others.map { AnyHashable($0) }
  }
}

extension Array where Element: FeatureExtractor {
  /// The same for extractors of one kind.
  public func embed(_ features: Matrix, layout: BlockLayout) throws -> Matrix {
    try (self as [any FeatureExtractor]).embed(features, layout: layout)
  }

  /// The same for extractors of one kind.
  public func observe(_ features: Matrix, layout: BlockLayout, silence: SilenceRule) throws -> Observation {
    try (self as [any FeatureExtractor]).observe(features, layout: layout, silence: silence)
  }
}
