public import CopurNumerics

/// The agents of a model in their fixed order, and the width of each one's block.
public struct AgentRoster: Hashable, Sendable {
  /// The agents; block i of an embedding is that of `agents[i]`.
  public let agents: [AgentID]
  /// The columns of each agent's block.
  public let layout: BlockLayout
  private let indices: [AgentID: Int]

  /// - Parameters:
  ///   - agents: At least one, no two of one name.
  ///   - widths: The width of each agent's block; at least 1 each.
  /// - Throws: ``CopurError`` of code `.invalidArgument` if a name comes twice, the counts differ or a width is under 1.
  public init(agents: [AgentID], widths: [Int]) throws {
    guard !agents.isEmpty, agents.count == widths.count else {
      throw CopurError(
        .invalidArgument, "as many widths as agents, at least one (agents: \(agents.count), widths: \(widths.count))")
    }
    var indices: [AgentID: Int] = [:]
    for (index, agent) in agents.enumerated() {
      guard indices.updateValue(index, forKey: agent) == nil else {
        throw CopurError(.invalidArgument, "an agent is named once (twice: \"\(agent)\")")
      }
      guard widths[index] >= 1, widths[index] <= 1 << 20 else {
        throw CopurError(.invalidArgument, "a block's width is 1 to \(1 << 20) (\"\(agent)\": \(widths[index]))")
      }
    }
    self.agents = agents
    self.layout = BlockLayout(widths: widths)
    self.indices = indices
  }

  /// M, the number of agents.
  public var count: Int { agents.count }

  /// The position of an agent, or nil if it is none of these.
  public func index(of agent: AgentID) -> Int? { indices[agent] }
}
