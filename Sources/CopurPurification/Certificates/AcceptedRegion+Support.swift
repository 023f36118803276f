internal import CopurCore
internal import CopurNumerics

extension AcceptedRegion {
  /// The most that direction·h is for the blocks h of the region: an upper bound, by the better of the ball around 0 and of
  /// the ellipsoid and the ball around the principal subspace together.
  ///
  /// - Parameter direction: Of length 1.
  func support(along direction: [Double]) -> Double {
    // Scores are compared in single precision, and the axes are orthonormal to single precision.
    let slack = 1e-6
    let radii = profile.units.map { Double($0) * Double(limit) * (1 + slack) }
    let centre = profile.centre.map(Double.init)
    var rest = direction
    var within = 0.0
    for axis in 0..<profile.axes.rows {
      let values = profile.axes[row: axis].map(Double.init)
      let part = zip(direction, values).reduce(0) { $0 + $1.0 * $1.1 }
      for column in rest.indices { rest[column] -= part * values[column] }
      within += (part * Double(profile.scales[axis])) * (part * Double(profile.scales[axis]))
    }
    let widest = profile.scales.map(Double.init).max() ?? 0
    let allowance = slack * (length(centre) + radii[1] * widest + radii[2])
    let aroundCentre =
      zip(direction, centre).reduce(0) { $0 + $1.0 * $1.1 } + radii[1] * within.squareRoot()
      + radii[2] * length(rest) + allowance
    return min(radii[0], aroundCentre)
  }

  private func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
