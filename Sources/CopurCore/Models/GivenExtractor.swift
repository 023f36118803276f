public import CopurNumerics

/// An extractor that is given and not trained: one of ``KindRegistry/extractors``, held to the rules of all extractors.
public struct GivenExtractor: FeatureExtractor {
  /// The kind, and its settings.
  public let spec: ExtractorSpec
  /// The agent whose rows it embeds.
  public let agent: EmbeddedAgent
  /// The factor of every number that it gives; 1 for none.
  public let scale: Float

  /// - Parameters:
  ///   - spec: The kind, and its settings.
  ///   - agent: Whose rows it embeds.
  ///   - scale: The factor of every number that it gives; 1 for none.
  public init(_ spec: ExtractorSpec, of agent: EmbeddedAgent, scale: Float = 1) {
    self.spec = spec
    self.agent = agent
    self.scale = scale
  }

  public var inputWidth: Int { agent.features }
  public var embeddingWidth: Int { agent.embedding }

  /// Up to which share of a row's largest number two embeddings of it may differ, by rounding: libraries add in another order
  /// in a batch of another size.
  private static let rounding: Float = 1e-4

  public func embed(_ rows: Matrix) throws -> Matrix {
    guard rows.rows > 0 else { return Matrix(rows: 0, columns: embeddingWidth) }
    let kind = try spec.kind()
    let embeddings = try checked(kind.embed(rows, of: agent), of: rows, by: kind)
    if rows.rows > 1 {
      let alone = try checked(kind.embed(rows.selecting(rows: [0]), of: agent), of: rows.selecting(rows: [0]), by: kind)
      let (one, other) = (Array(alone[row: 0]), Array(embeddings[row: 0]))
      let largest = one.reduce(1) { max($0, abs($1)) }
      guard zip(one, other).allSatisfy({ abs($0 - $1) <= Self.rounding * largest }) else {
        throw broken(kind, "embeds a row alike alone and in a batch of \(rows.rows) (\(other), alone: \(one))")
      }
    }
    guard scale != 1 else { return embeddings }
    return Matrix(rows: embeddings.rows, columns: embeddings.columns, values: embeddings.values.map { $0 * scale })
  }

  private func checked(_ embeddings: Matrix, of rows: Matrix, by kind: any ExtractorKind) throws -> Matrix {
    guard embeddings.rows == rows.rows, embeddings.columns == embeddingWidth else {
      throw broken(
        kind,
        "gives \(embeddingWidth) numbers a row (rows: \(rows.rows); actual: \(embeddings.rows) × \(embeddings.columns))"
      )
    }
    if let place = embeddings.values.firstIndex(where: { !$0.isFinite }) {
      throw broken(
        kind, "gives finite numbers (row \(place / embeddingWidth) of the batch: \(embeddings.values[place]))")
    }
    return embeddings
  }

  private func broken(_ kind: any ExtractorKind, _ rule: String) -> CopurError {
    CopurError(
      .protocolViolation, "\(kind.outsider ?? "an extractor of kind \(spec.name)"), of agent \(agent.id), \(rule)")
  }

  /// The extractor whose embeddings are this one's times a factor.
  package func scaling(by factor: Float) -> GivenExtractor {
    GivenExtractor(spec, of: agent, scale: scale * factor)
  }
}

extension ModelBundle {
  /// The program or kind that embeds agents' rows, in words; nil if the extractors were trained.
  public var givenExtractor: String? {
    extractors.lazy.compactMap { $0 as? GivenExtractor }.first.map { given in
      (try? given.spec.kind().outsider) ?? "extractors of kind \(given.spec.name)"
    }
  }
}

extension GivenExtractor {
  public static let kind = "given-extractor"

  public init(from reader: PartReader) throws {
    let scale = try reader.setting("scale", as: Float.self)
    let (features, embedding) = (
      try reader.setting("features", as: Int.self), try reader.setting("embedding", as: Int.self)
    )
    let columns = try reader.optionalSetting("columns", as: [String].self)
    guard scale.isFinite, scale > 0, features >= 1, embedding >= 1, columns == nil || columns?.count == features else {
      throw CopurError(
        .invalidData,
        "part \"\(reader.name)\" has a scale over 0, features and numbers, and a name a feature (actual: \(scale), \(features), "
          + "\(embedding), \(columns?.count ?? 0))")
    }
    self.init(
      try reader.setting("extractor", as: ExtractorSpec.self),
      of: EmbeddedAgent(
        try reader.setting("agent", as: AgentID.self), features: features, columns: columns, embedding: embedding),
      scale: scale)
  }

  public func write(to writer: inout PartWriter) throws {
    try writer.set("extractor", to: spec)
    try writer.set("agent", to: agent.id)
    try writer.set("features", to: agent.features)
    if let columns = agent.columns { try writer.set("columns", to: columns) }
    try writer.set("embedding", to: agent.embedding)
    try writer.set("scale", to: scale)
  }
}
