public import CopurNumerics

/// A way to predict from embeddings of which some may be missing and some may lie.
///
/// A defence decides for each sample by itself: a batch gives exactly what its samples give one by one.
public protocol Defense: Sendable {
  /// The name in scenarios and results, such as "copur".
  var name: String { get }
  /// The agents and block widths that it expects.
  var layout: BlockLayout { get }

  /// Predicts a batch.
  ///
  /// - Parameter observation: h and Ω; its layout is this defence's, its observed blocks are finite.
  /// - Returns: One decision a sample.
  func decide(_ observation: Observation) -> [Decision]
}

/// A defence's answer for one sample.
public struct Decision: Hashable, Sendable {
  /// The predicted class, from 0.
  public var label: Int
  /// The fusion model's probability of each class; they sum to 1.
  public var probabilities: [Float]
  /// ‖[h − l̂]_i‖₂ for each agent; nil for a missing one. Nil as a whole if the defence computes none.
  public var residuals: [Float?]?
  /// Whether the solver converged; nil if the defence has none.
  public var converged: Bool?
  /// The number of steps that the solver took, linear systems solved or gradients evaluated; 0 where nothing was observed.
  /// Nil if the defence has no solver.
  public var iterations: Int?
  /// The value of the solver's objective, Σ_{i∈Ω} ‖[h − l̂]_i‖₂; nil if it has none.
  public var objective: Float?
  /// Whether each agent is suspect: its block or its residual is none that a clean agent gives; false for a missing one.
  /// Nil as a whole if the defence names none.
  public var suspects: [Bool]?
  /// The outcome of the gate in front of the solver; nil if the defence has none.
  public var gate: GateOutcome?
  /// The largest q for which ``label`` stands whatever any q agents send or withhold, from 0 to M: a certificate of what
  /// was received (``ToleranceCertifier``). Nil if nobody certifies, or if rounding alone could change the label.
  public var certifiedAgents: Int?

  /// A decision. An argument that a defence leaves out is nil, not a default.
  public init(
    label: Int, probabilities: [Float], residuals: [Float?]? = nil, converged: Bool? = nil,
    iterations: Int? = nil, objective: Float? = nil, suspects: [Bool]? = nil, gate: GateOutcome? = nil,
    certifiedAgents: Int? = nil
  ) {
    self.label = label
    self.probabilities = probabilities
    self.residuals = residuals
    self.converged = converged
    self.iterations = iterations
    self.objective = objective
    self.suspects = suspects
    self.gate = gate
    self.certifiedAgents = certifiedAgents
  }
}
