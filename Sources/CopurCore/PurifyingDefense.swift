public import CopurNumerics

/// A defence that decides by an embedding that it recovers from what was received.
public protocol PurifyingDefense: Defense {
  /// Predicts a batch, and gives the embeddings by which it did.
  ///
  /// - Parameter observation: h and Ω; its layout is this defence's, its observed blocks are finite.
  /// - Returns: One decision a sample, as ``Defense/decide(_:)`` gives it, and the recovered embeddings, [n, D].
  func decideAndRecover(_ observation: Observation) -> (decisions: [Decision], recovered: Matrix)
}
