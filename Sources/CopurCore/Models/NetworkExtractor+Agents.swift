public import CopurNumerics

extension [NetworkExtractor] {
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
}
