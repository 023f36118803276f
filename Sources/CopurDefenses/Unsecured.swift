public import CopurCore
public import CopurNumerics

/// No defence: the jointly trained fusion model on what was received, missing blocks filled with 0 (CoPur, section 5,
/// "Unsecured").
public struct Unsecured: WhiteBoxDefense {
  /// The kind, as scenarios spell it.
  public static let name = "unsecured"
  public let name: String
  public let layout: BlockLayout
  /// The fusion model that was trained jointly with the extractors.
  public let model: FusionModel

  /// - Parameter model: The fusion model that was trained jointly with the extractors.
  public init(name: String = Self.name, layout: BlockLayout, model: FusionModel) {
    self.name = name
    self.layout = layout
    self.model = model
  }

  public func decide(_ observation: Observation) -> [Decision] {
    // An Observation keeps withheld blocks at 0.
    model.decide(observation.embeddings)
  }
}

extension Unsecured {
  /// The defence as scenarios set it.
  public struct Settings: DefenseKind {
    public static var entry: KindEntry<any DefenseKind> {
      KindEntry(
        Unsecured.name, "No defence: the jointly trained fusion model, missing blocks filled with 0.", Settings())
    }
    public var kind: String { Unsecured.name }

    /// It has no settings.
    public init() {}

    public func make(named name: String, from bundle: ModelBundle) -> any Defense {
      Unsecured(name: name, layout: bundle.roster.layout, model: bundle.jointModel)
    }
  }
}

/// The attacker who knows this defence knows the model: there is nothing else.
extension Unsecured: Victim {
  public func lossGradient(_ observation: Observation, labels: [Int], seeds: [UInt64]) -> LossGradient {
    model.lossGradient(ofEach: observation.embeddings, labels: labels)
  }
}
