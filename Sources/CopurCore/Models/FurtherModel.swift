/// A fusion model that was trained for one defence, besides those that every bundle has.
public struct FurtherModel: Hashable, Sendable {
  /// How it was trained.
  public let training: FusionTraining
  /// What decides, from the M blocks side by side, D values.
  public let model: FusionModel
  /// What stands in for a block that is not used, D values; nil if the training ablates none.
  public let null: [Float]?

  /// - Precondition: `null` is given where the training ablates blocks.
  public init(training: FusionTraining, model: FusionModel, null: [Float]? = nil) {
    if case .ablation = training { precondition(null != nil, "ablated blocks have something in their place") }
    self.training = training
    self.model = model
    self.null = null
  }
}
