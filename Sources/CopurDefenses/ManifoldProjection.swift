public import CopurCore
public import CopurNumerics

/// D(E(h)) in place of h, missing blocks filled with 0 (CoPur, section 5, "Manifold Projection").
public struct ManifoldProjection: RecoveringDefense {
  /// The kind, as scenarios spell it.
  public static let name = "manifold-projection"
  public let name: String
  public let manifold: any Manifold
  /// The fusion model that was trained on D(E(h)).
  public let model: FusionModel

  /// - Parameter model: The fusion model that was trained on D(E(h)).
  public init(name: String = Self.name, manifold: any Manifold, model: FusionModel) {
    self.name = name
    self.manifold = manifold
    self.model = model
  }

  public var layout: BlockLayout { manifold.layout }

  public func decide(_ observation: Observation) -> [Decision] { decideAndRecover(observation).decisions }
  public func recover(_ observation: Observation) -> Matrix { manifold.project(observation.embeddings) }

  public func decideAndRecover(_ observation: Observation) -> (decisions: [Decision], recovered: Matrix) {
    let recovered = recover(observation)
    return (model.decide(recovered), recovered)
  }
}

extension ManifoldProjection {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        ManifoldProjection.name, "The manifold's reconstruction D(E(h)) in place of what was received.", Settings())
    }
    public var kind: String { ManifoldProjection.name }

    /// It has no settings.
    public init() {}

    public func make(named name: String, from bundle: ModelBundle) -> any Defense {
      ManifoldProjection(name: name, manifold: bundle.manifold, model: bundle.purifiedModel)
    }
  }
}

/// Gradients through D(E(h)).
extension ManifoldProjection: Victim {
  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    var result = model.lossGradient(ofEach: manifold.project(observation.embeddings), labels: labels)
    result.gradient = manifold.projectionGradient(result.gradient, at: observation.embeddings)
    return result
  }
}
