public import CopurCore
internal import CopurNumerics

/// CoPur's purification on the manifold: for each sample, min over z of Σ_{i∈Ω} ‖h_i − D_i(z)‖₂ (Eq. 5 with l = D(z)).
///
/// Where D is affine the problem is convex, and Newton steps on reweighted least squares reach its minimum from any start.
/// Where D is curved there may be several minima. Two starts are tried: the manifold's central code, which no attacker has
/// a hand in, and the code of the embedding whose observed blocks are clipped to lie no farther from the middle of the
/// manifold than clean blocks are wide, which a corruption of any size moves by that much only. The one with the lower
/// objective on Ω is the result; labels and fusion model have no say.
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
    /// Whether reports keep the objective of every iteration.
    package var recordsObjective = false

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
  private let curved: CurvedSolver?

  public init(manifold: any Manifold, settings: Settings = Settings()) {
    self.manifold = manifold
    self.settings = settings
    affine = manifold.affineDecoder.map {
      AffineSolver(
        layout: manifold.layout, offset: $0.offset, directions: $0.directions, scale: manifold.blockScale,
        settings: settings)
    }
    curved = affine == nil ? CurvedSolver(manifold: manifold, settings: settings) : nil
  }

  /// Purifies a batch.
  ///
  /// - Parameter observation: h and Ω; its layout is the manifold's, its observed blocks are finite. A sample that cannot
  ///   be solved gets the middle of the manifold, and its report says that it has not converged.
  public func purify(_ observation: Observation) -> Purification {
    precondition(observation.layout == manifold.layout)
    let purification = affine?.purify(observation) ?? curved!.purify(observation)
    return purification.withoutTheUnsolvable(middle: manifold)
  }

  /// ẑ in double precision, a row a sample; nil where the manifold is curved.
  package func preciseCodes(_ observation: Observation) -> [[Double]]? {
    guard let affine else { return nil }
    let codes = affine.solve(observation).codes
    return (0..<observation.samples).map { sample in
      Array(codes[sample * affine.codeWidth..<(sample + 1) * affine.codeWidth])
    }
  }
}
