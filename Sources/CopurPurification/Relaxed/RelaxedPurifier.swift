public import CopurCore
internal import CopurLearning
internal import CopurNumerics

/// CoPur's purification near the manifold (Eq. 6): for each sample, min over l of Σ_{i∈Ω} ‖h_i − l_i‖₂ subject to
/// Σ_i ‖[D(E(l)) − l]_i‖₂ ≤ δ, or that constraint's Lagrangian with a multiplier τ.
///
/// The primal-dual method of Chambolle and Pock (2011; Valkonen 2014 where D∘E is curved), from the solution on the manifold
/// that ``Purifier`` finds. Both of its proximal steps are exact, block by block: l_i moves towards h_i by the step's
/// length, or to it; and a block of the dual variable is cut to the length τ. With δ given, τ is the threshold of the
/// projection onto Σ_i ‖·‖₂ ≤ δ, so that τ follows from δ.
///
/// With an affine D∘E the problem is convex, and the result is its minimum; else it is a stationary point. As in
/// ``Purifier``, blocks outside Ω are never read, and each sample is its own problem, bit for bit.
public struct RelaxedPurifier: Sendable {
  /// The distance that l may have from the manifold.
  public enum Constraint: Hashable, Sendable {
    /// δ, at least 0: of a bundle, `CalibrationRecord.reconstruction`.
    case bound(Double)
    /// τ, over 0; the paper's experiments take 1000.
    case multiplier(Double)
  }

  /// The settings by which the iterations stop.
  public struct Settings: Hashable, Sendable {
    /// The stationarity under which a sample has converged; ``RelaxedPurification/Report/stationarity``.
    public var tolerance: Double
    /// The most iterations.
    public var iterationLimit: Int

    /// - Precondition: Both are over 0.
    public init(tolerance: Double = 1e-5, iterationLimit: Int = 5000) {
      precondition(tolerance > 0 && iterationLimit > 0)
      self.tolerance = tolerance
      self.iterationLimit = iterationLimit
    }
  }

  /// The set that l stays near to.
  public let manifold: any Manifold
  /// The distance that it may have: δ, or τ in its place.
  public let constraint: Constraint
  /// The settings by which a sample's iterations stop.
  public let settings: Settings
  let purifier: Purifier
  let projection: RowFunction
  let scale: Double
  /// A bound of the norm of ∂(D(E(l)) − l)/∂l.
  let norm: Double

  /// - Precondition: δ is at least 0; τ is over 0.
  public init(manifold: any Manifold, constraint: Constraint, settings: Settings = Settings()) {
    switch constraint {
    case .bound(let bound): precondition(bound >= 0)
    case .multiplier(let multiplier): precondition(multiplier > 0)
    }
    self.manifold = manifold
    self.constraint = constraint
    self.settings = settings
    purifier = Purifier(manifold: manifold)
    projection =
      manifold.projectionLayers.map { RowFunction(PackedNetwork($0)) } ?? RowFunction(projectionOf: manifold)
    scale = manifold.blockScale > 0 && manifold.blockScale.isFinite ? Double(manifold.blockScale) : 1
    norm = Self.norm(of: manifold, scale: scale)
  }

  /// The largest stretch of l ↦ D(E(l)) − l at the middle of the manifold, by power iterations on differences, with
  /// a margin for other places.
  private static func norm(of manifold: any Manifold, scale: Double) -> Double {
    let width = manifold.layout.totalWidth
    let middle = manifold.decode(Matrix([manifold.centralCode]))
    func gap(_ point: Matrix) -> [Float] {
      zip(manifold.project(point).values, point.values).map { $0 - $1 }
    }
    let origin = gap(middle)
    var generator = SeededGenerator(seed: 0, purpose: "norm of a projection's gap")
    var direction = generator.normalMatrix(rows: 1, columns: width).values
    var largest = 1.0
    for _ in 0..<20 {
      let length = direction.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
      guard length > 0 && length.isFinite else { break }
      let step = Float(0.1 * scale / length)
      let moved = zip(middle.values, direction).map { $0 + step * $1 }
      let change = zip(gap(Matrix(rows: 1, columns: width, values: moved)), origin).map { $0 - $1 }
      let stretch = change.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot() / (0.1 * scale)
      if stretch.isFinite { largest = max(largest, stretch) }
      direction = change
    }
    return 1.2 * largest
  }

  /// Purifies a batch.
  ///
  /// - Parameter observation: h and Ω; its layout is the manifold's. A sample that cannot be solved stays at the middle of
  ///   the manifold, and its report says why.
  public func purify(_ observation: Observation) -> RelaxedPurification {
    precondition(observation.layout == manifold.layout)
    let (samples, width) = (observation.samples, manifold.layout.totalWidth)
    let start = purifier.purify(observation)
    var points = start.embeddings
    var duals = Matrix(rows: samples, columns: width)
    var outcomes = [RelaxedRun.Outcome](repeating: .init(), count: samples)
    let pool = WorkspacePool<RelaxedRun>()
    points.values.withUnsafeMutableBufferPointer { points in
      duals.values.withUnsafeMutableBufferPointer { duals in
        outcomes.withUnsafeMutableBufferPointer { outcomes in
          guard samples > 0 else { return }
          let results = RelaxedRun.Results(
            points: points.baseAddress!, duals: duals.baseAddress!, outcomes: outcomes.baseAddress!)
          let group = min(samples, RelaxedRun.group)
          spread(samples, group: group, pool: pool) {
            RelaxedRun(self, capacity: group)
          } _: { run, range in
            run.solve(range, of: observation, into: results)
          }
        }
      }
    }
    for sample in 0..<samples where !points[row: sample].allSatisfy(\.isFinite) {
      points[row: sample] = start.embeddings[row: sample]
      outcomes[sample].solver.status = .outOfRange
    }
    return RelaxedPurification(observation, manifold: manifold, points: points, duals: duals, outcomes: outcomes)
  }
}
