public import CopurCore
public import CopurNumerics
public import CopurPurification

/// Purification before prediction (CoPur, section 2.3), with a gate in front of it as shipped, without one as published.
public struct CoPur: RecoveringDefense {
  /// With the gate.
  public static let name = "copur"
  /// Without it.
  public static let paperName = "copur-paper"
  public let name: String
  /// Gives l* of Eq. 5 from the blocks that pass the gate, if there is one.
  public let purifier: GatedPurifier
  /// The fusion model that was trained on D(E(h)).
  public let model: FusionModel
  /// The residual above which an agent is suspect, one an agent; nil to name none by their residuals.
  public let residualLimits: [Float]?

  /// - Parameter name: Nil for one of those above.
  public init(
    name: String? = nil, purifier: GatedPurifier, model: FusionModel, residualLimits: [Float]? = nil
  ) {
    precondition(residualLimits.map { $0.count == purifier.purifier.manifold.layout.count } ?? true)
    self.name = name ?? (purifier.gate == nil ? Self.paperName : Self.name)
    self.purifier = purifier
    self.model = model
    self.residualLimits = residualLimits
  }

  public var manifold: any Manifold { purifier.purifier.manifold }
  public var layout: BlockLayout { manifold.layout }

  public func decide(_ observation: Observation) -> [Decision] { decideAndRecover(observation).decisions }
  public func recover(_ observation: Observation) -> Matrix { purifier.purify(observation).purification.embeddings }

  public func decideAndRecover(_ observation: Observation) -> (decisions: [Decision], recovered: Matrix) {
    decideAndRecover(observation, by: model.decide)
  }

  /// Purifies, and adds what that says of the agents to the decisions of a model.
  ///
  /// - Parameter model: Takes l̂, [n, D]; returns one decision a sample.
  func decideAndRecover(
    _ observation: Observation, by model: (Matrix) -> [Decision]
  ) -> (decisions: [Decision], recovered: Matrix) {
    let (purification, passage) = purifier.purify(observation)
    var decisions = model(purification.embeddings)
    let blocks = layout.count
    for (sample, report) in purification.reports.enumerated() {
      decisions[sample].residuals = report.residuals
      decisions[sample].converged = report.converged
      decisions[sample].iterations = report.iterations
      decisions[sample].objective = report.objective
      decisions[sample].gate = passage?.outcomes[sample]
      guard passage != nil || residualLimits != nil else { continue }
      decisions[sample].suspects = (0..<blocks).map { block in
        let isOutside = passage?.outside[sample * blocks + block] ?? false
        guard let limit = residualLimits?[block], let residual = report.residuals[block] else { return isOutside }
        return isOutside || residual > limit
      }
    }
    return (decisions, purification.embeddings)
  }
}

extension CoPur {
  /// The defence as scenarios set it, with the gate or without it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        CoPur.name, "CoPur as shipped: purification by Eq. 5 of what passes a gate, then prediction.",
        Settings(isGated: true))
    }
    /// The kind without the gate.
    public static var paperEntry: KindEntry<any DefenseKind> {
      KindEntry(
        CoPur.paperName, "CoPur as published: purification by Eq. 5 alone, then prediction.", Settings(isGated: false))
    }
    public var kind: String { isGated ? CoPur.name : CoPur.paperName }
    public var hasCertificates: Bool { true }

    /// Whether a gate withholds blocks that are further out than clean ones ever were.
    public let isGated: Bool

    /// - Parameter isGated: Whether a gate withholds blocks that are further out than clean ones ever were.
    public init(isGated: Bool = true) { self.isGated = isGated }

    public func make(named name: String, from bundle: ModelBundle) -> any Defense {
      CoPur(name: name, bundle: bundle, isGated: isGated)
    }
  }

  /// - Parameter isGated: Whether the bundle's gate is in front.
  init(name: String, bundle: ModelBundle, isGated: Bool) {
    let calibration = bundle.calibration
    self.init(
      name: name,
      purifier: GatedPurifier(
        purifier: Purifier(manifold: bundle.manifold), gate: isGated ? EmbeddingGate(calibration) : nil),
      model: bundle.purifiedModel,
      residualLimits: isGated ? calibration.gatedResidualLimits : calibration.residualLimits)
  }
}
