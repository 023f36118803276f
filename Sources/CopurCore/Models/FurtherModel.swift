internal import CopurNumerics

/// A fusion model that was trained for one defence, besides those that every bundle has.
public struct FurtherModel: Hashable, Sendable {
  /// The training that it comes from.
  public let training: FusionTraining
  /// The model that decides, from the M blocks side by side, D values.
  public let model: FusionModel
  /// The stand-in for a block that is not used, D values; nil if the training ablates none.
  public let null: [Float]?

  /// - Precondition: `null` is given where the training ablates blocks.
  public init(training: FusionTraining, model: FusionModel, null: [Float]? = nil) {
    if case .ablation = training { precondition(null != nil, "ablated blocks have something in their place") }
    self.training = training
    self.model = model
    self.null = null
  }
}

extension FurtherModel: BundlePart {
  public static let kind = "further-fusion-model"

  public init(from reader: PartReader) throws {
    let training = try reader.setting("training", as: FusionTraining.self)
    var null: [Float]?
    if case .ablation = training { null = try reader.vector("null", count: reader.roster.layout.totalWidth) }
    self.init(training: training, model: try FusionModel(from: reader), null: null)
  }

  public func write(to writer: inout PartWriter) throws {
    try writer.set("training", to: training)
    try model.write(to: &writer)
    if let null { writer.write(null, "null") }
  }
}
