public import CopurNumerics

/// The agents of a model or of a data set in their fixed order, and the width of each one's block: of its embedding, or of
/// its raw features.
public struct AgentRoster: Hashable, Sendable {
  /// The agents; block i of an embedding is that of `agents[i]`.
  public let agents: [AgentID]
  /// The columns of each agent's block.
  public let layout: BlockLayout
  /// The way each agent's block lies; ``FeatureGeometry/plain`` for embeddings.
  public let geometries: [FeatureGeometry]
  private let indices: [AgentID: Int]

  /// - Parameters:
  ///   - agents: At least one, no two of one name.
  ///   - widths: The width of each agent's block; at least 1 each.
  ///   - geometries: How each agent's block lies; nil for plain ones.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if a name comes twice, the counts differ, a width is under 1 or is
  ///   not that of its geometry.
  public init(agents: [AgentID], widths: [Int], geometries: [FeatureGeometry]? = nil) throws {
    guard !agents.isEmpty, agents.count == widths.count else {
      throw CopurError(
        .invalidArgument, "as many widths as agents, at least one (agents: \(agents.count), widths: \(widths.count))")
    }
    let geometries = geometries ?? [FeatureGeometry](repeating: .plain, count: agents.count)
    guard geometries.count == agents.count else {
      throw CopurError(
        .invalidArgument, "as many geometries as agents (agents: \(agents.count), geometries: \(geometries.count))")
    }
    var indices: [AgentID: Int] = [:]
    for (index, agent) in agents.enumerated() {
      guard indices.updateValue(index, forKey: agent) == nil else {
        throw CopurError(.invalidArgument, "an agent is named once (twice: \"\(agent)\")")
      }
      guard widths[index] >= 1, widths[index] <= 1 << 20 else {
        throw CopurError(.invalidArgument, "a block's width is 1 to \(1 << 20) (\"\(agent)\": \(widths[index]))")
      }
      guard geometries[index].fits(widths[index]) else {
        throw CopurError(
          .invalidArgument,
          "a geometry has as many values as the block is wide (\"\(agent)\": \(geometries[index]), width \(widths[index]))"
        )
      }
    }
    self.agents = agents
    self.layout = BlockLayout(widths: widths)
    self.geometries = geometries
    self.indices = indices
  }

  /// M, the number of agents.
  public var count: Int { agents.count }

  /// The position of an agent, or nil if it is none of these.
  public func index(of agent: AgentID) -> Int? { indices[agent] }
}
