public import CopurNumerics

/// A given extractor that brings models, such as those that were trained elsewhere: the bundle keeps the models, and embeds rows by
/// them. Their embeddings are as wide as they are.
public protocol ModelExtractorKind: ExtractorKind {
  /// The place that the models come from, for messages.
  var origin: String { get }

  /// The models as they are now.
  ///
  /// - Parameter agents: Those of the data set, each of which has an extractor among the models.
  /// - Throws: ``CopurError``: `.missingInput` or `.invalidData` if there are no usable models, `.configuration` if they are none
  ///   for these agents.
  func models(for agents: [AgentID]) throws -> ImportedModels
}

extension ModelExtractorKind {
  public func embed(_ rows: Matrix, of agent: EmbeddedAgent) throws -> Matrix {
    throw CopurError(
      .software, "rows of agent \(agent.id) are embedded by the models of \(origin), which the bundle has")
  }
}

extension ExtractorSpec {
  /// Digest and widths of the models that a kind brings, by which bundles are known again.
  public struct Found: Hashable, Sendable, Codable {
    /// ``ImportedModels/digest``.
    public let digest: String
    /// The width of each agent's embedding, in the data set's order.
    public let widths: [Int]
  }

  /// The kind, if it is one that brings models.
  private var modelKind: (any ModelExtractorKind)? { (try? kind()) as? any ModelExtractorKind }

  /// Whether the kind brings models.
  public var bringsModels: Bool { modelKind != nil }

  /// The models that the kind brings; nil for a kind that brings none.
  ///
  /// - Throws: As ``ModelExtractorKind/models(for:)``, and ``CopurError`` of code `.configuration` if the models are not those that
  ///   were found before.
  public func models(for agents: [AgentID]) throws -> (models: ImportedModels, origin: String)? {
    guard let kind = modelKind else { return nil }
    let models = try kind.models(for: agents)
    guard found == nil || found?.digest == models.digest else {
      throw CopurError(.configuration, "\(kind.origin) was changed while it was in use")
    }
    return (models, kind.origin)
  }

  /// The same, with what is found of models that the kind brings.
  func reading(modelsFor agents: [AgentID]) throws -> ExtractorSpec {
    guard let (models, _) = try models(for: agents) else { return self }
    var spec = self
    spec.found = Found(
      digest: models.digest,
      widths: agents.compactMap { models.roster.index(of: $0).map { models.roster.layout.widths[$0] } })
    return spec
  }
}

extension TrainingSettings {
  /// Whether extractors are models that are given, and kept in the bundle as they are.
  public var bringsModels: Bool { extractor == .given && given?.bringsModels == true }

  /// D, how wide the embeddings of so many agents are together; nil for models that are not read yet.
  public func embeddingWidth(agents: Int) -> Int? {
    guard bringsModels else { return agents * embedding }
    return given?.found?.widths.reduce(0, +)
  }

  /// The settings with what is found of models that are given; the same where none are.
  ///
  /// - Throws: ``CopurError`` if there are no usable models for these agents.
  public func reading(modelsFor agents: [AgentID]) throws -> TrainingSettings {
    var settings = self
    settings.alternatives = try alternatives.map { try $0.reading(modelsFor: agents) }
    if extractor == .given { settings.given = try given?.reading(modelsFor: agents) }
    return settings
  }
}
