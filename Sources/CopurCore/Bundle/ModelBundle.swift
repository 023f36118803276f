internal import CopurLearning
public import CopurNumerics

/// Everything that agents and fusion center need to predict: a manifest, which says where it came from, and named parts, each
/// of which reads and writes itself. Those that every bundle has are properties.
public struct ModelBundle: Sendable {
  /// The bundle's description of itself: its version, agents and classes, how it was trained, and its parts.
  public internal(set) var manifest: BundleManifest
  /// The agents and the widths of their embeddings.
  public let roster: AgentRoster
  /// All parts.
  public let parts: [NamedPart]
  /// One extractor an agent, in the roster's order.
  public let extractors: [any FeatureExtractor]
  /// The set near which clean embeddings lie.
  public let manifold: any Manifold
  /// Trained jointly with the extractors, on h.
  public let jointModel: FusionModel
  /// Trained on D(E(h)).
  public let purifiedModel: FusionModel
  /// Limits on blocks that clean agents send and residuals that they leave, for gate and suspects.
  public let calibration: Calibration
  /// For each agent the voters at the fusion center that read its embeddings; nil if the bundle has none.
  public let centerVoters: [VoterExtractor]?
  /// Fusion models that only some defences use, trained where a scenario asks for those.
  public let furtherModels: [FurtherModel]

  /// A bundle of the parts that every bundle has, and others.
  ///
  /// - Parameters:
  ///   - manifest: Its parts, version and digest are filled in.
  ///   - manifold: One that is also a ``BundlePart``.
  ///   - centerVoters: Voters an agent, at the fusion center; nil for none.
  ///   - others: Parts with names of their own.
  /// - Throws: ``CopurError`` of code `.invalidData` if the parts do not fit together or cannot be written.
  public init(
    manifest: BundleManifest, extractors: [any FeatureExtractor], manifold: any Manifold, jointModel: FusionModel,
    purifiedModel: FusionModel, calibration: Calibration, furtherModels: [FurtherModel] = [],
    centerVoters: [VoterExtractor]? = nil, others: [NamedPart] = []
  ) throws {
    guard let manifoldPart = manifold as? any BundlePart else {
      throw CopurError(
        .invalidData, "a bundle's manifold is one that is written to files (actual: \(type(of: manifold)))")
    }
    guard extractors.count == manifest.agents.count else {
      throw CopurError(
        .invalidData, "an extractor an agent (agents: \(manifest.agents.count), extractors: \(extractors.count))")
    }
    guard centerVoters.map({ $0.count == manifest.agents.count }) ?? true else {
      throw CopurError(
        .invalidData,
        "voters of each agent (agents: \(manifest.agents.count), voters: \(centerVoters?.count ?? 0))")
    }
    var parts =
      zip(manifest.agents, extractors).map { NamedPart(BundlePartName.extractor($0.name), $1) } + [
        NamedPart(BundlePartName.manifold, manifoldPart), NamedPart(BundlePartName.joint, jointModel),
        NamedPart(BundlePartName.purified, purifiedModel), NamedPart(BundlePartName.calibration, calibration),
      ] + furtherModels.enumerated().map { NamedPart(BundlePartName.further($0.offset), $0.element) }
    if let centerVoters {
      parts += zip(manifest.agents, centerVoters).map { NamedPart(BundlePartName.voter($0.name), $1) }
    }
    try self.init(manifest: manifest, parts: parts + others)
  }

  /// A bundle of parts.
  ///
  /// - Parameter manifest: Its parts, version and digest are filled in.
  /// - Throws: ``CopurError`` of code `.invalidData` if a part is missing, or parts do not fit together.
  public init(manifest: BundleManifest, parts: [NamedPart]) throws {
    let roster = try AgentRoster(agents: manifest.agents.map(\.name), widths: manifest.agents.map(\.embedding))
    let named = try Self.named(parts)
    func part<Part>(_ name: String, _ what: String) throws -> Part {
      guard let part = named[name] else {
        throw CopurError(.invalidData, "a bundle has a part \"\(name)\" (it is missing)")
      }
      guard let wanted = part as? Part else {
        throw CopurError(.invalidData, "part \"\(name)\" is \(what) (actual: \(type(of: part).kind))")
      }
      return wanted
    }
    self.manifest = manifest
    self.roster = roster
    self.parts = parts
    extractors = try roster.agents.map { try part(BundlePartName.extractor($0), "an extractor") }
    manifold = try part(BundlePartName.manifold, "a manifold")
    jointModel = try part(BundlePartName.joint, "a fusion model")
    purifiedModel = try part(BundlePartName.purified, "a fusion model")
    calibration = try part(BundlePartName.calibration, "a calibration")
    var furtherModels: [FurtherModel] = []
    while named[BundlePartName.further(furtherModels.count)] != nil {
      furtherModels.append(try part(BundlePartName.further(furtherModels.count), "a further fusion model"))
    }
    self.furtherModels = furtherModels
    centerVoters =
      roster.agents.contains { named[BundlePartName.voter($0)] != nil }
      ? try roster.agents.map { try part(BundlePartName.voter($0), "voters") } : nil
    try check()
    let (records, weights) = try written()
    self.manifest.format = BundleManifest.currentFormat
    self.manifest.parts = records
    self.manifest.weightsDigest = SHA256Digest.hexadecimal(of: weights.encoded())
    self.manifest.modelVersion = try self.manifest.computedVersion()
  }

  private static func named(_ parts: [NamedPart]) throws -> [String: any BundlePart] {
    var named: [String: any BundlePart] = [:]
    for part in parts {
      guard NamedPart.isName(part.name), named.updateValue(part.part, forKey: part.name) == nil else {
        throw CopurError(
          .invalidData,
          "a part's name is 1 to 128 letters, digits, '.', '-' or '_', no two the same (actual: \"\(part.name)\")")
      }
    }
    return named
  }

  /// Whether all models are as wide as agents and classes say.
  private func check() throws {
    let (width, classes) = (roster.layout.totalWidth, manifest.classes.count)
    guard classes >= 2 else {
      throw CopurError(.invalidData, "a bundle has at least 2 classes (actual: \(classes))")
    }
    for (agent, extractor) in zip(manifest.agents, extractors) {
      guard extractor.inputWidth == agent.features, extractor.embeddingWidth == agent.embedding,
        (agent.geometry ?? .plain).fits(agent.features)
      else {
        throw CopurError(
          .invalidData,
          "\"\(agent.name)\" leads from \(agent.features) features (\(agent.geometry ?? .plain)) to \(agent.embedding) "
            + "values (actual: \(extractor.inputWidth) → \(extractor.embeddingWidth))")
      }
    }
    guard manifold.layout == roster.layout, jointModel.network.inputWidth == width,
      purifiedModel.network.inputWidth == width, jointModel.classes == classes, purifiedModel.classes == classes,
      calibration.fits(agents: roster.count),
      zip(calibration.profiles, roster.layout.widths).allSatisfy({ $0.centre.count == $1 }),
      furtherModels.allSatisfy({
        $0.model.network.inputWidth == width && $0.model.classes == classes && $0.null.map { $0.count == width } ?? true
          && $0.training.fits(agents: roster.count, classes: classes)
      }),
      centerVoters.map({ voters in
        zip(voters, roster.layout.widths).allSatisfy { $0.inputWidth == $1 && $0.classes == classes }
      }) ?? true
    else { throw CopurError(.invalidData, "a bundle's models are as wide as its agents and classes say") }
  }

  /// Names this bundle's content.
  public var modelVersion: String { manifest.modelVersion }

  /// The part of a name; nil if the bundle has none.
  public func part(_ name: String) -> (any BundlePart)? { parts.first { $0.name == name }?.part }

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
  /// - Throws: ``CopurError`` if an extractor cannot embed rows here.
  public func embed(_ features: Matrix, layout: BlockLayout) throws -> Matrix {
    try extractors.embed(features, layout: layout)
  }

  /// The rule by which an agent is missing in a row.
  public var silence: SilenceRule { manifest.silent ?? .never }

  /// The observation of rows if every agent is honest: each agent's embeddings, and nothing of an agent in a row of which it
  /// has no reading.
  ///
  /// - Parameters:
  ///   - features: Raw features of all agents, [n, D_x]; NaN where a value is missing.
  ///   - layout: Which features are whose.
  /// - Throws: ``CopurError`` if an extractor cannot embed rows here.
  public func observe(_ features: Matrix, layout: BlockLayout) throws -> Observation {
    try extractors.observe(features, layout: layout, silence: silence)
  }
}
