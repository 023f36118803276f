public import CopurNumerics

/// What a solver found for a batch of samples.
public struct Purification: Sendable {
  /// One sample's report.
  public struct Report: Hashable, Sendable {
    /// Σ_{i∈Ω} ‖h_i − l̂_i‖₂.
    public var objective: Float
    /// How many steps were taken: linear systems solved, or gradient steps.
    public var iterations: Int
    /// What the tolerance is compared with: the last step relative to the code's size (``Purifier``), or the gradient's
    /// norm (``PaperSchedule``).
    public var stationarity: Float
    /// Whether the stationarity fell under the tolerance; false if the limit of iterations came first, nothing was
    /// observed, or the numbers went out of range.
    public var converged: Bool
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
}
