internal import CopurCore
internal import CopurNumerics

/// A ball around each honest block that an attack's blocks stay in (Madry et al. 2018).
public struct Projection: Hashable, Sendable {
  /// The norms that distances are measured in.
  public enum Norm: String, Hashable, Sendable, CaseIterable {
    /// Euclidean.
    case l2
    /// The largest difference of an element.
    case linf
  }

  /// The norm of a block's distance from the honest one.
  public var norm: Norm
  /// The ball's radius; above 0.
  public var radius: Float

  /// The settings `norm` and `radius`, both of which a projection needs.
  static var settings: [Setting<Projection>] {
    [
      .choice("norm", \.norm, of: "a norm", "what distances are measured in", isRequired: true),
      .number("radius", \.radius, .positive, "how far a block may be from the honest one", isRequired: true),
    ]
  }

  /// - Parameter radius: Over 0.
  public init(norm: Norm, radius: Float) {
    precondition(radius > 0)
    self.norm = norm
    self.radius = radius
  }

  /// The point of the ball nearest to a block.
  ///
  /// - Parameters:
  ///   - block: What the attack would send.
  ///   - honest: The ball's centre.
  func nearest(_ block: ArraySlice<Float>, around honest: ArraySlice<Float>) -> [Float] {
    switch norm {
    case .linf: return zip(block, honest).map { min(max($0, $1 - radius), $1 + radius) }
    case .l2:
      let length = zip(block, honest).reduce(0.0) { sum, pair in
        let gap = Double(pair.0) - Double(pair.1)
        return sum + gap * gap
      }.squareRoot()
      guard length > Double(radius) else { return Array(block) }
      let share = Double(radius) / length
      return zip(block, honest).map { Float(Double($1) + share * (Double($0) - Double($1))) }
    }
  }
}
