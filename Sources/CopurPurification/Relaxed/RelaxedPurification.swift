internal import CopurCore
public import CopurNumerics

/// The results of ``RelaxedPurifier`` for a batch of samples.
public struct RelaxedPurification: Sendable {
  /// One sample's report.
  public struct Report: Hashable, Sendable {
    /// Σ_{i∈Ω} ‖h_i − l̂_i‖₂.
    public var objective: Float
    /// Σ_i ‖[D(E(l̂)) − l̂]_i‖₂.
    public var distance: Float
    /// τ: the constraint's multiplier, given or following from δ.
    public var multiplier: Float
    /// The number of gradients that were evaluated.
    public var iterations: Int
    /// By how much the optimality conditions are missed: the larger of the forces that do not cancel at l̂, relative to one
    /// unit a block, and of the constraint's error, relative to the mean clean block norm.
    public var stationarity: Float
    /// The way in which the iterations ended.
    public var status: Purification.Report.Status
    /// Whether the stationarity fell under the tolerance.
    public var converged: Bool { status == .converged }
  }

  /// l̂, [n, D].
  public var points: Matrix
  /// D(E(l̂)), which the paper feeds to the fusion model, [n, D].
  public var embeddings: Matrix
  /// The dual variable, [n, D]: the forces that hold l̂ near the manifold.
  public var duals: Matrix
  /// A report for each sample.
  public var reports: [Report]

  init(
    _ observation: Observation, manifold: any Manifold, points: Matrix, duals: Matrix, outcomes: [RelaxedRun.Outcome]
  ) {
    let layout = observation.layout
    let embeddings = manifold.project(points)
    self.points = points
    self.duals = duals
    self.embeddings = embeddings
    func distance(_ a: Matrix, _ b: Matrix, _ sample: Int, _ blocks: [Int]) -> Float {
      var sum = 0.0
      for block in blocks {
        sum += layout[block].reduce(0.0) {
          $0 + (Double(a[sample, $1]) - Double(b[sample, $1])) * (Double(a[sample, $1]) - Double(b[sample, $1]))
        }.squareRoot()
      }
      return Float(min(sum, Double(Float.greatestFiniteMagnitude)))
    }
    reports = outcomes.enumerated().map { sample, outcome in
      Report(
        objective: distance(observation.embeddings, points, sample, observation.solvableBlocks(of: sample).blocks),
        distance: distance(embeddings, points, sample, Array(0..<layout.count)),
        multiplier: Float(outcome.multiplier), iterations: outcome.solver.iterations,
        stationarity: Float(min(outcome.solver.stationarity, Double(Float.greatestFiniteMagnitude))),
        status: outcome.solver.status)
    }
  }
}
