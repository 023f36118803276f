public import CopurNumerics

/// What a solver found for a batch of samples.
public struct Purification: Sendable {
  /// One sample's report.
  public struct Report: Hashable, Sendable {
    /// Σ_{i∈Ω} ‖h_i − l̂_i‖₂.
    public var objective: Float
    /// How many linear systems were solved.
    public var iterations: Int
    /// Whether the last step was under the tolerance; false if the limit of iterations came first or nothing was observed.
    public var converged: Bool
    /// ‖h_i − l̂_i‖₂ for each agent; nil for a missing one.
    public var residuals: [Float?]
  }

  /// ẑ, [n, r].
  public var codes: Matrix
  /// l̂ = D(ẑ), [n, D].
  public var embeddings: Matrix
  /// A report for each sample.
  public var reports: [Report]
}
