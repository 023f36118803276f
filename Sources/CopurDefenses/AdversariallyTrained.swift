public import CopurCore
public import CopurNumerics

/// No defence but in training: a fusion model that was trained on adversarial embeddings, on what was received, missing
/// blocks filled with 0 (CoPur, section 5, "Adversarial Training" and "Block-wise Adversarial Training").
public struct AdversariallyTrained: WhiteBoxDefense {
  /// Trained against attacks on all blocks at once.
  public static let name = "adversarial-training"
  /// Trained against attacks on one random block of each sample.
  public static let blockName = "adversarial-training-block"
  public let name: String
  public let layout: BlockLayout
  /// The fusion model that was trained on adversarial embeddings.
  public let model: FusionModel

  /// - Parameter model: The fusion model that was trained on adversarial embeddings.
  public init(name: String = Self.name, layout: BlockLayout, model: FusionModel) {
    self.name = name
    self.layout = layout
    self.model = model
  }

  public func decide(_ observation: Observation) -> [Decision] { model.decide(observation.embeddings) }
}
