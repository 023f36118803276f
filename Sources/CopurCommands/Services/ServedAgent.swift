import CopurCore
import CopurDatasets
import CopurNumerics
import Dispatch

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

  /// Embeds rows of its own, those without a reading left out.
  ///
  /// - Parameter rows: Raw features; NaN where a value is missing.
  /// - Returns: A row of an embedding each, and of which rows it has a reading.
  /// - Throws: ``CopurError`` if its extractor fails.
  func embed(_ rows: Matrix) async throws -> (embeddings: Matrix, present: [Bool]) {
    let (extractor, present) = (extractor, silence.presence(in: rows))
    guard extractor is GivenExtractor else { return (try extractor.embed(rows, where: present), present) }
    // A program's answer is waited for on a thread that nobody else needs.
    let embeddings = try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global(qos: .utility).async {
        continuation.resume(with: Result { try extractor.embed(rows, where: present) })
      }
    }
    return (embeddings, present)
  }

  /// - Throws: ``CopurError`` of code `.noPermission` if something outside of this program embeds its rows.
  func checkTrust() throws {
    guard let given = extractor as? GivenExtractor, let outsider = try given.spec.kind().outsider else { return }
    throw CopurError(
      .noPermission,
      "\(outsider) gets the rows of agent \(id), as the bundle says; a bundle may come from others, so it is started with "
        + "--trust-extractor alone")
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
