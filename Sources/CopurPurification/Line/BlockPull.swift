/// A block's part in the objective on a manifold of one dimension, √(a²(z − t)² + σ²): a pull towards t, weaker than a.
struct BlockPull: Sendable {
  /// a = ‖U_i‖.
  let strength: Double
  /// t, the code that the block alone asks for.
  let target: Double
  /// σ, over 0: how far the block is from the manifold at t, and the smoothing of the norm.
  let distance: Double

  /// The derivative with respect to the code; from −a to a, rising.
  func slope(at code: Double) -> Double { derivatives(at: code).slope }

  /// The first and the second derivative.
  func derivatives(at code: Double) -> (slope: Double, curvature: Double) {
    let along = strength * (code - target)
    let norm = (along * along + distance * distance).squareRoot()
    let (sine, cosine) = (along / norm, distance / norm)
    return (strength * sine, strength * strength * cosine * cosine / norm)
  }

  /// The same for codes of the opposite sign.
  var mirrored: BlockPull { BlockPull(strength: strength, target: -target, distance: distance) }
}
