public import CopurNumerics

/// An extractor that is given and not trained, as scenarios name and set it: a program of one's own, a model from elsewhere.
///
/// It embeds one agent's rows, and says nothing of how; fusion model and manifold are trained on what it gives.
public protocol ExtractorKind: Kind {
  /// The kind, as scenarios spell it.
  var kind: String { get }
  /// Something outside of this program that embeds the rows, in words, such as "the program python3 embed.py"; nil if nothing
  /// is. Whoever got a bundle from others is asked before it is started or sent anything.
  var outsider: String? { get }

  /// Embeds rows of an agent: the same numbers for a row whatever else is in the batch, and whenever it is asked.
  ///
  /// ``GivenExtractor`` checks the answer's width, that its numbers are finite, and that a row is embedded alike alone.
  ///
  /// - Parameters:
  ///   - rows: Raw features, [n, `agent.features`]; NaN where a value is missing.
  ///   - agent: Whose they are.
  /// - Returns: [n, `agent.embedding`].
  /// - Throws: ``CopurError`` that says why they cannot be embedded.
  func embed(_ rows: Matrix, of agent: EmbeddedAgent) throws -> Matrix
}

extension ExtractorKind {
  public var outsider: String? { nil }
}

/// The agent whose rows an extractor embeds.
public struct EmbeddedAgent: Hashable, Sendable {
  /// The agent.
  public let id: AgentID
  /// The number of its raw features; at least 1.
  public let features: Int
  /// The features' names, in their order; nil if nobody knows them.
  public let columns: [String]?
  /// d_i, how wide its embedding is; at least 1.
  public let embedding: Int

  /// - Parameters:
  ///   - id: The agent.
  ///   - features: How many raw features it has; at least 1.
  ///   - columns: The features' names, as many; nil if nobody knows them.
  ///   - embedding: d_i, how wide its embedding is; at least 1.
  public init(_ id: AgentID, features: Int, columns: [String]?, embedding: Int) {
    self.id = id
    self.features = features
    self.columns = columns
    self.embedding = embedding
  }
}

extension KindEntry where Family == any ExtractorKind {
  /// - Parameters:
  ///   - name: Letters, digits and '-'; none of ``TrainingSettings/Extractor``.
  ///   - summary: What it does, in a sentence or two for the reference.
  ///   - initial: The kind with the defaults.
  public init<Value: ExtractorKind>(_ name: String, _ summary: String, _ initial: Value) {
    self.init(name, summary, as: { $0 as any ExtractorKind }, initial: { _ in initial })
  }
}

extension KindRegistry where Family == any ExtractorKind {
  /// The extractors that are given. A new one is a file with its type, and a line here; a program of one's own adds to it before it
  /// reads a scenario or a bundle.
  public static let extractors = KindRegistry(of: "an extractor", [ImportedExtractors.entry])
}
