public import CopurCore
public import CopurNumerics

/// Raw features of the samples with the agents' extractors, for attacks that begin in front of those.
///
/// Extractors have no gradient here: they may be programs, of which nothing is known but what they answer.
public struct RawFeatures: Sendable, Fallible {
  /// Raw features of all agents, [n, D_x]; NaN where a value is missing.
  public let features: Matrix
  /// The features of each agent.
  public let layout: BlockLayout
  /// The agents, in the model's order.
  public let agents: [AgentID]
  /// The agents' extractors.
  public let extractors: [any FeatureExtractor]
  /// The standard deviation of each agent's features in training; ``Standardizer/withoutSpread`` for none.
  public let deviations: [[Float]]
  private let failed = NotedFailure()

  /// Why rows could not be embedded; nil if all could.
  public var failure: CopurError? { failed.failure }

  /// - Precondition: As many agents as extractors and blocks.
  public init(
    features: Matrix, layout: BlockLayout, agents: [AgentID], extractors: [any FeatureExtractor], training: Matrix
  ) {
    precondition(agents.count == extractors.count && agents.count == layout.count)
    self.features = features
    self.layout = layout
    self.agents = agents
    self.extractors = extractors
    deviations = (0..<layout.count).map { Standardizer(fitting: training.columns(layout[$0])).standardDeviations }
  }

  /// The embeddings that an agent sends of features, [n, d_i]; 0 where its extractor fails, which ``failure`` then says.
  public func embed(_ features: Matrix, of agent: Int) -> Matrix {
    do {
      return try extractors[agent].embed(features)
    } catch {
      failed.note(
        error as? CopurError ?? CopurError(.software, "agent \(agents[agent]) cannot embed rows", cause: error))
      return Matrix(rows: features.rows, columns: extractors[agent].embeddingWidth)
    }
  }
}
