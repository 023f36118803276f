internal import CopurNumerics
internal import Foundation

/// Extractors that were trained elsewhere: the folder that `copur import` wrote, and what was found in it.
public struct ImportSettings: Hashable, Sendable, Codable {
  /// The folder of ``ImportedModels``: a path.
  public var folder = ""
  /// ``ImportedModels/digest`` of what was found there; nil before that.
  public var digest: String?
  /// The width of each agent's embedding, in the data set's order; nil before the models are read.
  public var widths: [Int]?

  /// - Parameter folder: The folder of ``ImportedModels``: a path.
  public init(folder: String = "") { self.folder = folder }

  /// The settings beside `kind: imported`.
  public static var settings: [Setting<ImportSettings>] {
    [
      .text(
        "folder", \.folder, of: "a folder",
        "the folder that `copur import` wrote, from where the program is started", isRequired: true)
    ]
  }

  /// The models of the folder.
  ///
  /// - Parameter agents: Those of the data set, each of which has an extractor.
  /// - Throws: What reading throws; ``CopurError`` of code `.configuration` if an agent has none, or the models are not those
  ///   that were found before.
  public func models(for agents: [AgentID]) throws -> ImportedModels {
    let models = try ImportedModels(reading: URL(filePath: folder))
    guard digest == nil || digest == models.digest else {
      throw CopurError(.configuration, "\(folder) was changed while it was in use")
    }
    for agent in agents where models.roster.index(of: agent) == nil {
      throw CopurError(
        .configuration,
        "\(folder) has an extractor for each agent of the data set (missing: \"\(agent)\", there: "
          + "\(models.roster.agents.map(\.name).joined(separator: ", ")))")
    }
    guard models.fusion == nil || models.roster.count == agents.count else {
      throw CopurError(
        .configuration,
        "the fusion model of \(folder) is for the agents \(models.roster.agents.map(\.name).joined(separator: ", ")) "
          + "(actual: \(agents.map(\.name).joined(separator: ", ")))")
    }
    return models
  }

  /// Settings that also name the models in the folder, by digest and widths.
  func found(for agents: [AgentID]) throws -> ImportSettings {
    let models = try models(for: agents)
    var found = self
    found.digest = models.digest
    found.widths = agents.compactMap { models.roster.index(of: $0).map { models.roster.layout.widths[$0] } }
    return found
  }
}

extension TrainingSettings {
  /// D, how wide the embeddings of so many agents are together; nil for imported models that are not read yet.
  public func embeddingWidth(agents: Int) -> Int? {
    guard extractor == .imported else { return agents * embedding }
    return imported?.widths?.reduce(0, +)
  }

  /// The settings with what is in the folders of imported models; the same where nothing is imported.
  ///
  /// - Throws: ``CopurError`` if a folder has no usable models for these agents.
  public func reading(importsFor agents: [AgentID]) throws -> TrainingSettings {
    var settings = self
    settings.alternatives = try alternatives.map { try $0.reading(importsFor: agents) }
    guard extractor == .imported else { return settings }
    settings.imported = try givenImport.found(for: agents)
    return settings
  }

  /// Refuses what would change imported extractors, which are taken as they are, or says what they say themselves.
  func validateImport(given keys: Set<String>) throws(SettingError) {
    guard let imported, !imported.folder.isEmpty else {
      throw SettingError(
        "an imported extractor names the folder of its models: { kind: imported, folder: models }", at: "extractor")
    }
    let own: [(String, Bool)] = [
      ("embedding", keys.contains("embedding")), ("extractor_start", keys.contains("extractor_start")),
      ("agent_heads", agentHeads), ("equal_energy", equalEnergy), ("exchange", exchange != nil),
      ("agent_dropout", agentDropout > 0),
    ]
    guard let (key, _) = own.first(where: \.1) else { return }
    throw SettingError(
      "\"\(key)\" is about extractors that are trained here, and imported ones are taken as they are: leave it out",
      at: key)
  }
}
