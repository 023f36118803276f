public import CopurCore
internal import CopurNumerics

/// CoPur's purification on the manifold: for each sample, min over z of Σ_{i∈Ω} ‖h_i − D_i(z)‖₂ (Eq. 5 with l = D(z)).
///
/// Where D is affine the problem is convex and reweighted least squares reaches its minimum from any start; else the same
/// weights go into damped Gauss–Newton steps from the manifold's central code, which no attacker has a hand in.
///
/// - Blocks outside Ω are never read.
/// - Each sample is its own problem: a batch gives, bit for bit, what its samples give one by one.
/// - The purified embedding is D(ẑ). The paper feeds D(E(l̂)); for l̂ in the range of D that is l̂ again.
public struct Purifier: Sendable {
  /// When a solver stops.
  public struct Settings: Hashable, Sendable {
    /// The last step, relative to the code's size, under which a sample has converged.
    public var tolerance: Double
    /// The most linear systems solved for a sample.
    public var iterationLimit: Int
    /// The smoothing floor of a block's norm, relative to the mean clean block norm: √(‖·‖² + floor²) in place of ‖·‖.
    public var floor: Double

    public init(tolerance: Double = 1e-6, iterationLimit: Int = 500, floor: Double = 1e-5) {
      precondition(tolerance > 0 && iterationLimit > 0 && floor > 0)
      self.tolerance = tolerance
      self.iterationLimit = iterationLimit
      self.floor = floor
    }
  }

  /// Where clean embeddings lie.
  public let manifold: any Manifold
  public let settings: Settings
  private let affine: AffineSolver?

  public init(manifold: any Manifold, settings: Settings = Settings()) {
    self.manifold = manifold
    self.settings = settings
    affine = manifold.affineDecoder.map {
      AffineSolver(
        layout: manifold.layout, offset: $0.offset, directions: $0.directions, scale: manifold.blockScale,
        settings: settings)
    }
  }

  /// Purifies a batch.
  ///
  /// - Parameter observation: h and Ω; its layout is the manifold's, its observed blocks are finite.
  public func purify(_ observation: Observation) -> Purification {
    precondition(observation.layout == manifold.layout)
    if let affine {
      let (codes, reports) = affine.solve(observation)
      return Purification(codes: codes, embeddings: manifold.decode(codes), reports: reports)
    }
    return GaussNewtonSolver(manifold: manifold, settings: settings).solve(observation)
  }
}
