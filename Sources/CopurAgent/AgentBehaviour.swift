/// An agent's behaviour in a session of a simulation.
public enum AgentBehaviour: Hashable, Sendable {
  /// It sends its embeddings as they are.
  case honest
  /// It sends nothing.
  case silent
  /// It sends −amplification·l_i in place of its embedding l_i: feature flipping (Liu et al., CoPur, section 5.1).
  case flip(amplification: Float)
  /// It sends given values, a block a sample.
  case values([UInt64: ArraySlice<Float>])

  /// The block that it sends of a sample.
  ///
  /// - Parameter embedding: l_i.
  /// - Returns: The block; nil if it sends none.
  /// - Throws: ``NoValue`` if it has been given values, and none for this sample.
  public func block(of sample: UInt64, embedding: ArraySlice<Float>) throws(NoValue) -> ArraySlice<Float>? {
    switch self {
    case .honest: return embedding
    case .silent: return nil
    case .flip(let amplification): return embedding.map { -amplification * $0 }[...]
    case .values(let values):
      guard let block = values[sample] else { throw NoValue(sample: sample) }
      return block
    }
  }

  /// An agent is to send given values, and has none for a sample.
  public struct NoValue: Error, Hashable {
    /// The sample.
    public let sample: UInt64

    /// - Parameter sample: The sample that nothing was told for.
    public init(sample: UInt64) { self.sample = sample }
  }
}
