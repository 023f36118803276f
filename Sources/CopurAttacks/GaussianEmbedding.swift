public import CopurCore
internal import CopurNumerics

/// Noise in place of the embedding: independent normal numbers of mean 0, whose standard deviation is the root mean square
/// of the honest block times a factor. It is as long as the honest one and knows nothing.
public struct GaussianEmbedding: AttackKind {
  public static var entry: KindEntry<any AttackKind> {
    KindEntry("gaussian", "Sends noise as long as the honest embedding, times the amplification.", GaussianEmbedding())
  }
  public static var settings: [Setting<GaussianEmbedding>] {
    [.number("amplification", \.amplification, .positive, "how many times longer than the honest embedding")]
  }

  /// The factor; above 0.
  public var amplification: Float

  /// - Parameter amplification: Over 0.
  public init(amplification: Float = 1) {
    precondition(amplification > 0)
    self.amplification = amplification
  }

  public func craft(_ situation: AttackSituation) -> Proposal {
    var embeddings = situation.observation.embeddings
    let layout = situation.observation.layout
    for row in 0..<embeddings.rows {
      for block in situation.compromised {
        var generator = situation.generator(for: "gaussian/\(block)", row: row)
        let square = layout[block].reduce(Float(0)) { $0 + embeddings[row, $1] * embeddings[row, $1] }
        let deviation = amplification * (square / Float(layout[block].count)).squareRoot()
        for column in layout[block] { embeddings[row, column] = deviation * Float(generator.normal()) }
      }
    }
    return Proposal(embeddings)
  }
}
