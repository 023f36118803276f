internal import CopurNumerics

/// The blocks of one agent that a gate lets through: those whose ``EmbeddingProfile/score(_:)`` is at most a limit.
///
/// The region is convex: a ball around 0, an ellipsoid around the profile's centre within its principal subspace, and a
/// ball around that subspace, intersected.
public struct AcceptedRegion: Hashable, Sendable {
  /// The profile of the agent's clean embeddings.
  public let profile: EmbeddingProfile
  /// The score above which a block is outside.
  public let limit: Float

  /// - Parameter limit: The largest score that passes.
  public init(profile: EmbeddingProfile, limit: Float) {
    self.profile = profile
    self.limit = limit
  }

  /// Whether a block is let through.
  public func contains(_ block: ArraySlice<Float>) -> Bool { profile.score(block) <= limit }

  /// A block of the region near a given one; the block itself if it is in the region.
  ///
  /// Its part within the principal subspace and its part outside are each scaled to their limits, then the whole is
  /// scaled towards the centre until its norm is allowed. If not even the centre is in the region, that is returned.
  public func nearby(_ block: ArraySlice<Float>) -> [Float] {
    if contains(block) { return Array(block) }
    let (parts, rest) = split(zip(block, profile.centre).map { Double($0) - Double($1) })
    let within = Self.length(zip(parts, profile.scales).map { $0 / Double($1) })
    let outside = Self.length(rest)
    let limits = profile.units.map { Double($0) * Double(limit) }
    let offset = joined(
      parts.map { $0 * min(1, limits[1] / max(within, .leastNormalMagnitude)) },
      rest.map { $0 * min(1, limits[2] / max(outside, .leastNormalMagnitude)) })
    var share = min(1, Self.share(of: offset, from: profile.centre.map(Double.init), radius: limits[0]))
    // Single precision can leave the scaled block just outside.
    for _ in 0..<20 {
      let moved = zip(profile.centre, offset).map { $0 + Float(share * $1) }
      if contains(moved[...]) { return moved }
      share *= 1 - 1e-5
    }
    return profile.centre
  }

  /// A gradient in the region's own metric: S²·g, with S what clean embeddings vary by in each direction.
  ///
  /// Steps along it reach the region's far ends, which plain ones do not where it is a thousand times longer than wide.
  public func preconditioned(_ gradient: ArraySlice<Float>) -> [Float] {
    let (parts, rest) = split(gradient.map(Double.init))
    let within = zip(parts, profile.scales).map { part, scale in
      let spread = Double(scale) * Double(profile.units[1])
      return part * spread * spread
    }
    let outside = Double(profile.units[2])
    return joined(within, rest.map { $0 * outside * outside }).map(Float.init)
  }

  /// The parts of a vector along the axes, and what they leave.
  private func split(_ vector: [Double]) -> (parts: [Double], rest: [Double]) {
    var rest = vector
    let parts = (0..<profile.axes.rows).map { axis in
      zip(vector, profile.axes[row: axis]).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    for (axis, part) in parts.enumerated() {
      for (column, value) in profile.axes[row: axis].enumerated() { rest[column] -= part * Double(value) }
    }
    return (parts, rest)
  }

  private func joined(_ parts: [Double], _ rest: [Double]) -> [Double] {
    var vector = rest
    for (axis, part) in parts.enumerated() {
      for (column, value) in profile.axes[row: axis].enumerated() { vector[column] += part * Double(value) }
    }
    return vector
  }

  private static func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// The largest t with ‖centre + t·offset‖ ≤ radius; 0 if the centre is outside.
  private static func share(of offset: [Double], from centre: [Double], radius: Double) -> Double {
    let square = offset.reduce(0) { $0 + $1 * $1 }
    let product = zip(offset, centre).reduce(0) { $0 + $1.0 * $1.1 }
    let excess = centre.reduce(0) { $0 + $1 * $1 } - radius * radius
    guard square > 0, excess < 0 else { return excess < 0 ? 1 : 0 }
    return (-product + (product * product - square * excess).squareRoot()) / square
  }
}
