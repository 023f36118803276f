public import CopurCore
internal import CopurNumerics

/// CoPur's purification on the manifold: for each sample, min over z of Σ_{i∈Ω} ‖h_i − D_i(z)‖₂ (Eq. 5 with l = D(z)).
///
/// Norms are smoothed at 0: √(‖·‖² + ε²), with ε falling in stages to a floor.
///
/// With an affine D the problem is convex, and Newton steps on reweighted least squares reach its minimum from any start. A
/// sample has converged when the last step, relative to the code's size, is under the tolerance. In one dimension the
/// minimum is enclosed, and a sample has converged when it is known to be within the tolerance, whatever was sent.
///
/// Elsewhere there may be several minima. Two starts are tried: the manifold's central code, which no attacker has
/// a hand in, and the code of the embedding whose observed blocks are clipped to lie no farther from the middle of the
/// manifold than clean blocks are wide, which a corruption of any size moves by that much only. The one with the lower
/// objective on Ω is the result; labels and fusion model have no say. A decoder with a hidden layer of leaky ReLUs has
/// kinks, at which minima like to lie and the objective has no gradient but a subdifferential (Clarke). With g its least
/// element and C the solver's model of the curvature, −½·gᵀC⁻¹g is what a step can be expected to lower the objective by;
/// a sample has converged when that, relative to the objective or to as many mean clean block norms as blocks are observed,
/// whichever is more, is under ``Settings/decrease``.
///
/// With a D that is known to be differentiable and no more, the same starts are taken by quasi-Newton steps (BFGS) with D's
/// vector–Jacobian products, and a sample has converged when the decrease that they predict is under ``Settings/decrease``,
/// relative to the purified blocks' norms or the mean clean block norm, whichever is more. A step that ends at a kink of D,
/// which only a piecewise affine solver knows how to leave, is reported as stalled.
///
/// - Blocks outside Ω are never read.
/// - Each sample is its own problem: a batch gives, bit for bit, what its samples give one by one.
/// - The purified embedding is D(ẑ). The paper feeds D(E(l̂)); for l̂ in the range of D that is l̂ again.
public struct Purifier: Sendable {
  /// The settings by which a solver stops.
  public struct Settings: Hashable, Sendable {
    /// On an affine manifold: the last step, relative to the code's size, under which a sample has converged; in one
    /// dimension the distance to the minimum.
    public var tolerance: Double
    /// On a manifold that is not affine: the predicted relative decrease of the objective under which a sample has converged. Float
    /// resolves the objective itself to 1e-7.
    public var decrease = 1e-9
    /// The most linear systems solved for a sample, or gradients evaluated from one start.
    public var iterationLimit: Int
    /// The smoothing floor of a block's norm, relative to the mean clean block norm: √(‖·‖² + floor²) in place of ‖·‖.
    public var floor: Double
    /// Whether reports keep the objective of every iteration.
    package var recordsObjective = false

    /// - Precondition: All three are over 0.
    public init(tolerance: Double = 1e-6, iterationLimit: Int = 500, floor: Double = 1e-5) {
      precondition(tolerance > 0 && iterationLimit > 0 && floor > 0)
      self.tolerance = tolerance
      self.iterationLimit = iterationLimit
      self.floor = floor
    }
  }

  /// The set near which clean embeddings lie.
  public let manifold: any Manifold
  /// The settings by which a sample's iterations stop.
  public let settings: Settings
  private let solver: Solver

  /// The solvers, each for what it asks of a manifold.
  private enum Solver: Sendable {
    case affine(AffineSolver)
    case piecewise(PiecewiseSolver)
    case general(GeneralSolver)
  }

  /// A purifier with the first solver whose demands the manifold meets: affine, piecewise affine, differentiable.
  public init(manifold: any Manifold, settings: Settings = Settings()) {
    self.manifold = manifold
    self.settings = settings
    solver =
      switch manifold {
      case let manifold as any AffineManifold: .affine(AffineSolver(manifold, settings: settings))
      case let manifold as any PiecewiseAffineManifold: .piecewise(PiecewiseSolver(manifold, settings: settings))
      default: .general(GeneralSolver(manifold, settings: settings))
      }
  }

  /// Purifies a batch.
  ///
  /// - Parameter observation: h and Ω; its layout is the manifold's. A sample that cannot be solved, as nothing of it is
  ///   observed or not all of that is finite, gets the middle of the manifold, and its report says why.
  public func purify(_ observation: Observation) -> Purification {
    precondition(observation.layout == manifold.layout)
    return switch solver {
    case .affine(let solver): solver.purify(observation)
    case .piecewise(let solver): solver.purify(observation)
    case .general(let solver): solver.purify(observation)
    }
  }

  /// The geometry of an affine manifold of one dimension, and the scale of its codes; nil for other manifolds.
  var line: (geometry: LineGeometry, scale: Double)? {
    guard case .affine(let solver) = solver else { return nil }
    return solver.line.map { ($0, solver.scale) }
  }

  /// ẑ in double precision, a row a sample; nil where the manifold is not affine.
  package func preciseCodes(_ observation: Observation) -> [[Double]]? {
    guard case .affine(let affine) = solver else { return nil }
    let codes = affine.solve(observation).codes
    return (0..<observation.samples).map { sample in
      Array(codes[sample * affine.codeWidth..<(sample + 1) * affine.codeWidth])
    }
  }
}
