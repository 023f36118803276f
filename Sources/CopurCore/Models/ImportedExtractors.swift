internal import CopurNumerics
internal import Foundation

/// Extractors that were trained elsewhere: the models of the folder that `copur import` wrote.
public struct ImportedExtractors: ModelExtractorKind {
  public static var entry: KindEntry<any ExtractorKind> {
    KindEntry("imported", "Networks that were trained elsewhere, as they are.", ImportedExtractors())
  }

  public static var settings: [Setting<ImportedExtractors>] {
    [
      .text(
        "folder", \.folder, of: "a folder",
        "the folder that `copur import` wrote, from where the program is started", isRequired: true)
    ]
  }

  /// The folder of ``ImportedModels``: a path.
  public var folder: String

  /// - Parameter folder: The folder of ``ImportedModels``: a path.
  public init(folder: String = "") { self.folder = folder }

  public var kind: String { "imported" }
  public var origin: String { folder }

  public func models(for agents: [AgentID]) throws -> ImportedModels {
    let models = try ImportedModels(reading: URL(filePath: folder))
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
}
