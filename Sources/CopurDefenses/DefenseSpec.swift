public import CopurCore

/// A defence as a scenario asks for it: a method with its settings, and the name that results give it.
public struct DefenseSpec: Hashable, Sendable {
  /// What it does.
  public enum Method: Hashable, Sendable {
    /// ``Unsecured``.
    case unsecured
    /// ``Oracle``; only where the attack is known, in process.
    case oracle
    /// ``ManifoldProjection``.
    case manifoldProjection
    /// ``RandomizedSmoothing``.
    case randomizedSmoothing(SmoothingSettings)
    /// ``RandomizedSmoothingBlock``; only where the attack is known, in process.
    case randomizedSmoothingBlock(SmoothingSettings)
    /// ``RandomizedAblation``.
    case randomizedAblation(AblationSettings)
    /// Block-wise or not, as its settings say.
    case adversarialTraining(AdversarialTrainingSettings)
    /// ``CoPur`` without the gate: Eq. 5 alone.
    case coPurPaper
    /// ``ScheduledCoPur``: the steps of the paper's experiments.
    case coPurSchedule
    /// ``RelaxedCoPur``: Eq. 6, near the manifold.
    case coPurRelaxed
    /// ``CoPur`` with the gate.
    case coPur
    /// ``SmoothedCoPur``.
    case coPurSmoothing(SmoothingSettings)
  }

  /// The name in results; that of its kind if none is given.
  public let name: String
  /// What it does.
  public let method: Method
  /// How everything that it decides by is trained, extractors included, if not as the scenario says for all.
  public var ownTraining: TrainingSettings?
  /// What its manifold is, if not what the scenario says for all.
  public var ownManifold: ManifoldSettings?

  /// - Parameter name: Nil for that of the method's kind.
  public init(
    _ method: Method, name: String? = nil, training: TrainingSettings? = nil, manifold: ManifoldSettings? = nil
  ) {
    self.method = method
    self.name = name ?? method.kind
    ownTraining = training
    ownManifold = manifold
  }

  /// How the fusion model is trained that a bundle must hold for it; nil if every bundle has what it needs.
  public var training: FusionTraining? {
    switch method {
    case .randomizedAblation(let settings): .ablation(settings: settings.training)
    case .adversarialTraining(let settings): .adversarial(settings: settings)
    default: nil
    }
  }

  /// Whether it is told who lies, which only a simulation in one process does.
  public var isOracle: Bool {
    switch method {
    case .oracle, .randomizedSmoothingBlock: true
    default: false
    }
  }
}

extension DefenseSpec.Method {
  /// The kind, as scenarios spell it.
  public var kind: String {
    switch self {
    case .unsecured: Unsecured.name
    case .oracle: Oracle.name
    case .manifoldProjection: ManifoldProjection.name
    case .randomizedSmoothing: RandomizedSmoothing.name
    case .randomizedSmoothingBlock: RandomizedSmoothingBlock.name
    case .randomizedAblation: RandomizedAblation.name
    case .adversarialTraining(let settings):
      settings.isBlockwise ? AdversariallyTrained.blockName : AdversariallyTrained.name
    case .coPurPaper: CoPur.paperName
    case .coPurSchedule: ScheduledCoPur.name
    case .coPurRelaxed: RelaxedCoPur.name
    case .coPur: CoPur.name
    case .coPurSmoothing: SmoothedCoPur.name
    }
  }
}
