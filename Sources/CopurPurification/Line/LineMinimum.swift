/// The minimum of Σ √(a_i²(z − t_i)² + σ_i²) over the code z of a manifold of one dimension.
///
/// The slope rises with z, from a negative one at the smallest t_i to a positive one at the largest, and so the minimum lies
/// between two codes of which the slope is known, which come nearer to each other with every evaluation: by Newton's steps,
/// and by halving where these do not halve the distance. That ends for whatever numbers are sent, and when it has, the
/// minimum is known to be no farther off than the tolerance. ``ReachableCodes`` builds on that.
struct LineMinimum {
  /// ẑ.
  private(set) var code: Double
  /// The number of evaluations of the slope.
  private(set) var iterations = 0
  /// The greatest distance of the minimum from ẑ, relative to code and scale.
  private(set) var stationarity = 0.0

  /// - Parameters:
  ///   - start: ẑ if no block depends on the code.
  ///   - tolerance: The stationarity to reach.
  ///   - scale: What codes are measured by, over 0.
  init(of pulls: [BlockPull], start: Double, tolerance: Double, scale: Double, iterationLimit: Int) {
    code = start
    let targets = pulls.filter { $0.strength > 0 }.map(\.target)
    guard var lower = targets.min(), var upper = targets.max() else { return }
    code = min(max(start, lower), upper)
    var halves = false
    while iterations < iterationLimit {
      stationarity = (upper - lower) / (scale + abs(code))
      if stationarity <= tolerance { return }
      let width = upper - lower
      var (slope, curvature) = (0.0, 0.0)
      for pull in pulls {
        let derivatives = pull.derivatives(at: code)
        slope += derivatives.slope
        curvature += derivatives.curvature
      }
      iterations += 1
      if slope == 0 {
        stationarity = 0
        return
      }
      if slope > 0 { upper = code } else { lower = code }
      // A little beyond where Newton expects the minimum: then it lies between this code and the next.
      let beyond = 0.5 * tolerance * (scale + abs(code))
      let next = code - slope / curvature - (slope > 0 ? beyond : -beyond)
      halves = upper - lower > 0.5 * width && !halves
      code = !halves && next > lower && next < upper ? next : lower + 0.5 * (upper - lower)
      // Neighbours in double precision have nothing between them.
      if code <= lower || code >= upper {
        stationarity = 0
        return
      }
    }
  }
}
