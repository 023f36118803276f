internal import CopurLearning
public import CopurNumerics

/// Everything that agents and fusion center need to predict: extractors, manifold, fusion models, and where they came from.
public struct ModelBundle: Sendable {
  /// What the bundle says of itself: its version, agents and classes, and how it was trained.
  public private(set) var manifest: BundleManifest
  /// The agents and the widths of their embeddings.
  public let roster: AgentRoster
  /// One extractor an agent, in the roster's order.
  public let extractors: [NetworkExtractor]
  /// Where clean embeddings lie.
  public let manifold: any Manifold
  /// Trained jointly with the extractors, on h.
  public let jointModel: FusionModel
  /// Trained on D(E(h)).
  public let purifiedModel: FusionModel
  /// What clean agents send and leave, for gate and suspects.
  public let calibration: Calibration
  /// Fusion models that only some defences use, trained where a scenario asks for those.
  public let furtherModels: [FurtherModel]

  /// - Throws: ``CopurError`` of code `.invalidData` if the parts do not fit together.
  public init(
    manifest: BundleManifest, extractors: [NetworkExtractor], manifold: any Manifold, jointModel: FusionModel,
    purifiedModel: FusionModel, calibration: Calibration, furtherModels: [FurtherModel] = []
  ) throws {
    let roster = try AgentRoster(agents: manifest.agents.map(\.name), widths: manifest.agents.map(\.embedding))
    guard extractors.count == roster.count,
      zip(extractors, manifest.agents).allSatisfy({
        $0.inputWidth == $1.features && $0.embeddingWidth == $1.embedding
      }),
      manifold.layout == roster.layout, jointModel.network.inputWidth == roster.layout.totalWidth,
      purifiedModel.network.inputWidth == roster.layout.totalWidth, jointModel.classes == manifest.classes.count,
      purifiedModel.classes == manifest.classes.count, calibration.fits(agents: roster.count),
      zip(calibration.profiles, roster.layout.widths).allSatisfy({ $0.centre.count == $1 }),
      furtherModels.allSatisfy({
        $0.model.network.inputWidth == roster.layout.totalWidth && $0.model.classes == manifest.classes.count
          && $0.null.map { $0.count == roster.layout.totalWidth } ?? true
          && $0.training.fits(agents: roster.count, classes: manifest.classes.count)
      })
    else { throw CopurError(.invalidData, "a bundle's models are as wide as its agents and classes say") }
    self.manifest = manifest
    self.roster = roster
    self.extractors = extractors
    self.manifold = manifold
    self.jointModel = jointModel
    self.purifiedModel = purifiedModel
    self.calibration = calibration
    self.furtherModels = furtherModels
    self.manifest.furtherModels = furtherModels.isEmpty ? nil : furtherModels.map(\.training)
    self.manifest.activations = activations
    self.manifest.weightsDigest = SHA256Digest.hexadecimal(of: weights.encoded())
    self.manifest.modelVersion = try self.manifest.computedVersion()
  }

  /// Names this bundle's content.
  public var modelVersion: String { manifest.modelVersion }

  /// The fusion model that was trained in a way; nil if the bundle has none.
  public func furtherModel(_ training: FusionTraining) -> FurtherModel? {
    furtherModels.first { $0.training == training }
  }

  /// Embeds each agent's rows and puts the blocks side by side.
  ///
  /// - Parameters:
  ///   - features: Raw features of all agents, [n, D_x]; NaN where a value is missing.
  ///   - layout: Which features are whose.
  /// - Returns: h, [n, D].
  public func embed(_ features: Matrix, layout: BlockLayout) -> Matrix {
    extractors.embed(features, layout: layout)
  }
}
