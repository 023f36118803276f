/// How the manifold of clean embeddings is learned: the `manifold:` section of a scenario, also kept in a bundle.
///
/// The defaults of an autoencoder are the paper's (CoPur, supplement, section C), but for the code, whose dimension is
/// chosen from the training rows: it is what buys robustness.
public struct ManifoldSettings: Hashable, Sendable, Codable {
  /// What the manifold is.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A linear subspace of the embeddings.
    case linear
    /// Four dense layers, the code in the middle.
    case autoencoder
  }

  /// What the manifold is.
  public var kind: Kind
  /// r, the dimension of the code, at least 1; nil to choose it from the training rows.
  public var code: Int?
  /// The width of an autoencoder's hidden layers; at least 1.
  public var hidden: Int
  /// The slope of an autoencoder's leaky ReLU below 0, from 0 to 1.
  public var slope: Float
  /// Passes over the training rows; at least 1. For an autoencoder only.
  public var epochs: Int
  /// The optimiser's step size, over 0. For an autoencoder only.
  public var learningRate: Float

  /// The defaults of a scenario that says nothing else.
  public init(
    kind: Kind = .linear, code: Int? = nil, hidden: Int = 200, slope: Float = 0.8, epochs: Int = 400,
    learningRate: Float = 0.001
  ) {
    self.kind = kind
    self.code = code
    self.hidden = hidden
    self.slope = slope
    self.epochs = epochs
    self.learningRate = learningRate
  }

  private enum CodingKeys: String, CodingKey {
    case kind, code, hidden, slope, epochs
    case learningRate = "learning_rate"
  }
}
