public import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// The purification of CoPur's experiments, step for step (supplement, section C.2), to compare with ``Purifier``.
///
/// 1. Search on the manifold: l' ← l' − 0.1·∇ Σ_{i∈Ω} ‖[h − D(E(l'))]_i‖₂ until the gradient's norm is under 0.1, or 100
///    steps.
/// 2. From l = D(E(l')), the Lagrangian of Eq. 6: l ← l − 0.001·∇(Σ_{i∈Ω} ‖[h − l]_i‖₂ + τ Σ_i ‖[D(E(l)) − l]_i‖₂) with
///    τ = 1000 until the gradient's norm is under 0.1, or 10 steps.
/// 3. D(E(l)) of the last l.
///
/// Norms are true ℓ2 norms of blocks, smoothed at 0 so that a block that matches exactly has a finite gradient. Only
/// observed blocks count; missing ones start at the middle of the manifold. Each sample is its own problem: a batch gives,
/// bit for bit, what its samples give one by one.
public struct PaperSchedule: Sendable {
  /// The steps; the defaults are the paper's.
  public struct Settings: Hashable, Sendable {
    /// The step of the search on the manifold.
    public var searchStep: Float = 0.1
    /// The most steps of the search.
    public var searchLimit = 100
    /// τ, the multiplier of Eq. 6's constraint.
    public var multiplier: Float = 1000
    /// The step on the Lagrangian.
    public var refinementStep: Float = 0.001
    /// The most steps on the Lagrangian.
    public var refinementLimit = 10
    /// The norm of the gradient under which either stops.
    public var tolerance: Double = 0.1
    /// Added to the square of each block's norm.
    public var smoothing: Double = 1e-12

    /// The paper's steps.
    public init() {}
  }

  /// D and E of the paper.
  public let manifold: any Manifold
  /// The steps.
  public let settings: Settings
  let network: SplitAutoencoder
  /// D(z̄), the middle of the manifold.
  let middle: [Float]
  private let single = WorkspacePool<ScheduleRun>()
  private let grouped = WorkspacePool<ScheduleRun>()

  /// - Parameter manifold: Any; one of dense networks, as the paper's is, takes the fewest operations.
  public init(manifold: any Manifold, settings: Settings = Settings()) {
    self.manifold = manifold
    self.settings = settings
    network = SplitAutoencoder(manifold)
    middle = manifold.decode(Matrix([manifold.centralCode])).values
  }

  /// Purifies a batch.
  ///
  /// - Parameter observation: h and Ω; its layout is the manifold's. A sample that cannot be solved gets the
  ///   projection of the manifold's middle, and its report says why.
  /// - Returns: Codes E(l), embeddings D(E(l)), and reports whose `iterations` are the gradient steps of both phases and
  ///   whose `converged` says that the Lagrangian's gradient fell under the tolerance.
  public func purify(_ observation: Observation) -> Purification {
    precondition(observation.layout == manifold.layout)
    let (samples, width) = (observation.samples, manifold.layout.totalWidth)
    var points = Matrix(rows: samples, columns: width)
    var embeddings = points
    var outcomes = [SolverOutcome](repeating: .init(), count: samples)
    points.values.withUnsafeMutableBufferPointer { points in
      embeddings.values.withUnsafeMutableBufferPointer { embeddings in
        outcomes.withUnsafeMutableBufferPointer { outcomes in
          guard samples > 0 else { return }
          let points = SharedOutput(start: points.baseAddress!)
          let embeddings = SharedOutput(start: embeddings.baseAddress!)
          let outcomes = SharedOutput(start: outcomes.baseAddress!)
          let (pool, group) = samples == 1 ? (single, 1) : (grouped, ScheduleRun.group)
          spread(samples, group: group, pool: pool) {
            ScheduleRun(self, capacity: group)
          } _: { run, range in
            run.solve(
              range, of: observation, points: points.start, embeddings: embeddings.start, outcomes: outcomes.start)
          }
        }
      }
    }
    return Purification(
      observation, codes: manifold.encode(points), embeddings: embeddings, outcomes: outcomes,
      middle: (manifold.centralCode, middle))
  }
}
