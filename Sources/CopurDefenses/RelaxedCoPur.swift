public import CopurCore
public import CopurNumerics
public import CopurPurification

/// CoPur by Eq. 6: embeddings near the manifold rather than on it, as near as clean ones are.
public struct RelaxedCoPur: RecoveringDefense {
  /// The kind, as scenarios spell it.
  public static let name = "copur-relaxed"
  /// The name in results.
  public let name: String
  /// Eq. 6 with its δ.
  public let purifier: RelaxedPurifier
  /// The fusion model that was trained on D(E(h)).
  public let model: FusionModel

  /// - Parameter model: The fusion model that was trained on D(E(h)).
  public init(name: String = Self.name, purifier: RelaxedPurifier, model: FusionModel) {
    self.name = name
    self.purifier = purifier
    self.model = model
  }

  public var manifold: any Manifold { purifier.manifold }
  public var layout: BlockLayout { manifold.layout }

  public func decide(_ observation: Observation) -> [Decision] { decideAndRecover(observation).decisions }
  public func recover(_ observation: Observation) -> Matrix { purifier.purify(observation).embeddings }

  public func decideAndRecover(_ observation: Observation) -> (decisions: [Decision], recovered: Matrix) {
    let purification = purifier.purify(observation)
    var decisions = model.decide(purification.embeddings)
    for (sample, report) in purification.reports.enumerated() {
      decisions[sample].converged = report.converged
      decisions[sample].iterations = report.iterations
      decisions[sample].objective = report.objective
    }
    return (decisions, purification.embeddings)
  }
}

extension RelaxedCoPur {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        RelaxedCoPur.name, "CoPur by Eq. 6, near the manifold rather than on it, with δ from held-out training rows.",
        Settings())
    }
    public var kind: String { RelaxedCoPur.name }

    /// It has no settings.
    public init() {}

    public func make(named name: String, from bundle: ModelBundle) throws -> any Defense {
      guard let bound = bundle.manifest.calibration.reconstruction else {
        throw CopurError(
          .invalidArgument, "\"\(name)\" needs δ, for which the bundle was trained on too few rows to hold any out")
      }
      return RelaxedCoPur(
        name: name, purifier: RelaxedPurifier(manifold: bundle.manifold, constraint: .bound(bound.value)),
        model: bundle.purifiedModel)
    }
  }
}
