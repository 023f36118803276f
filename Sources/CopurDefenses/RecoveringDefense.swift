public import CopurCore
public import CopurNumerics

/// A defence that predicts from a point of the manifold in place of what was received.
public protocol RecoveringDefense: WhiteBoxDefense, PurifyingDefense {
  /// The set near which clean embeddings lie.
  var manifold: any Manifold { get }

  /// D(E(l̂)): what the fusion model gets in place of h, [n, D].
  ///
  /// - Parameter observation: h and Ω; its layout is this defence's, its observed blocks are finite.
  func recover(_ observation: Observation) -> Matrix
}
