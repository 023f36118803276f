internal import CopurCore
internal import CopurNumerics

/// An output that the fusion model can give of each sample.
enum FusionOutput: String, CaseIterable, Sendable {
  case label
  case probabilities
  case purified
  case blockResidual = "block_residual"
  case suspect
  case converged
  case objective
  /// Unasked only where rounds are certified, too: it may cost more than the decision itself.
  case certifiedAgents = "certified_agents"

  var datatype: Datatype {
    switch self {
    case .label: .int64
    case .certifiedAgents: .int32
    case .probabilities, .purified, .blockResidual, .objective: .fp32
    case .suspect, .converged: .bool
    }
  }

  /// The shape, without the samples.
  func columns(classes: Int, layout: BlockLayout) -> [Int] {
    switch self {
    case .label, .converged, .objective, .certifiedAgents: []
    case .probabilities: [classes]
    case .purified: [layout.totalWidth]
    case .blockResidual, .suspect: [layout.count]
    }
  }

  /// Whether a decision has it.
  func isIn(_ decision: Decision, purifies: Bool, certifies: Bool) -> Bool {
    switch self {
    case .label, .probabilities: true
    case .purified: purifies
    case .certifiedAgents: certifies
    case .blockResidual: decision.residuals != nil
    case .suspect: decision.suspects != nil
    case .converged: decision.converged != nil
    case .objective: decision.objective != nil
    }
  }

  /// Row by row; a number that a sample does not have, such as the residual of a missing agent, is NaN.
  func values(of decisions: [Decision], purified: Matrix?, certified: [Int?]?) -> TensorValues {
    switch self {
    case .label: .int64(decisions.map { Int64($0.label) })
    case .probabilities: .fp32(decisions.flatMap(\.probabilities))
    case .purified: .fp32(purified.map { Array($0.values) } ?? [])
    case .blockResidual: .fp32(decisions.flatMap { ($0.residuals ?? []).map { $0 ?? .nan } })
    case .suspect: .bool(decisions.flatMap { $0.suspects ?? [] })
    case .converged: .bool(decisions.map { $0.converged ?? false })
    case .objective: .fp32(decisions.map { $0.objective ?? .nan })
    case .certifiedAgents: .int32((certified ?? []).map { Int32($0 ?? -1) })
    }
  }
}
