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
