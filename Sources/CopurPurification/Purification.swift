public import CopurNumerics

/// A solver's results for a batch of samples.
public struct Purification: Sendable {
  /// One sample's report.
  public struct Report: Hashable, Sendable {
    /// The way in which the iterations for a sample ended.
    public enum Status: String, Hashable, Sendable, Codable, CaseIterable {
      /// The stationarity fell under the tolerance.
      case converged
      /// The limit of iterations came first.
      case iterationLimit = "iteration-limit"
      /// No step that the solver knows lowers the objective, yet the stationarity is over the tolerance.
      case stalled
      /// Nothing was observed; the purified embedding is the middle of the manifold.
      case unobserved
      /// Values were received that are not finite; the purified embedding is the middle of the manifold.
      case notFinite = "not-finite"
      /// The numbers went out of `Float`'s range; the purified embedding is the middle of the manifold.
      case outOfRange = "out-of-range"
    }

    /// Σ_{i∈Ω} ‖h_i − l̂_i‖₂.
    public var objective: Float
    /// The number of steps: linear systems solved, or gradients evaluated.
    public var iterations: Int
    /// The number that the tolerance is compared with: for ``Purifier`` the last step relative to the code's size where the
    /// manifold is affine (in one dimension the distance to the minimum), and the predicted relative decrease of the
    /// objective elsewhere; for ``PaperSchedule`` the gradient's norm; for ``RelaxedPurifier`` the larger of the relative
    /// primal and dual residuals.
    public var stationarity: Float
    /// The way in which the iterations ended.
    public var status: Status
    /// Whether the stationarity fell under the tolerance.
    public var converged: Bool { status == .converged }
    /// ‖h_i − l̂_i‖₂ for each agent; nil for a missing one.
    public var residuals: [Float?]
    /// The smoothed objective after each iteration, where the settings ask for it; else empty.
    package internal(set) var history: [Double] = []
  }

  /// ẑ, [n, r].
  public var codes: Matrix
  /// l̂ = D(ẑ), [n, D].
  public var embeddings: Matrix
  /// A report for each sample.
  public var reports: [Report]
  /// For each sample, the decoder's hidden units on whose kinks the solution lies: moved a little, it stays there. None
  /// where the manifold is affine.
  package internal(set) var heldUnits: [[Int]] = []
}
