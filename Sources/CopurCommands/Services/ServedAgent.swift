import CopurCore
import CopurDatasets

/// The agent that a process serves, from a bundle or from a model of its own.
struct ServedAgent {
  let id: AgentID
  let modelVersion: String
  let silence: SilenceRule
  let extractor: any FeatureExtractor
  /// The names of its features; nil in bundles of earlier programs.
  let columns: [String]?

  /// An agent of a bundle.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` that lists the agents, if it is none of them.
  init(_ id: AgentID, of bundle: ModelBundle) throws {
    guard let index = bundle.roster.index(of: id) else {
      throw CopurError(
        .invalidArgument,
        "an agent of the bundle is one of \(bundle.roster.agents.prefix(20).map(\.name).joined(separator: ", "))"
          + "\(bundle.roster.count > 20 ? " and \(bundle.roster.count - 20) more" : "") (actual: \"\(id)\")"
          + Suggestion.clause(for: id.name, in: bundle.roster.agents.map(\.name)))
    }
    self.id = id
    modelVersion = bundle.modelVersion
    silence = bundle.silence
    extractor = bundle.extractors[index]
    columns = bundle.manifest.agents[index].columns
  }

  /// An agent with a model of its own.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument` if the model is another agent's.
  init(_ model: AgentModel, as id: AgentID) throws {
    guard model.agent == id else {
      throw CopurError(.invalidArgument, "the model is agent \(model.agent)'s (actual: \"\(id)\")")
    }
    self.id = id
    modelVersion = model.modelVersion
    silence = model.silence
    extractor = model.extractor
    columns = model.columns
  }

  /// The names of its features.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` if the bundle does not have them.
  func knownColumns() throws -> [String] {
    guard let columns else {
      throw CopurError(
        .invalidData, "the bundle does not name its agents' columns, which --rows needs: train it again")
    }
    return columns
  }
}
