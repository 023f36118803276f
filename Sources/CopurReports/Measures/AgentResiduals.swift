/// The residuals ‖[h − l̂]_i‖₂ that one agent's blocks had, over the samples of a trial.
public struct AgentResiduals: Hashable, Sendable {
  /// The agent.
  public var agent: String
  /// Their quartiles, in the embedding's unit; nil if the agent was missing throughout.
  public var quartiles: Quartiles?

  /// - Parameter quartiles: Nil if the agent was missing throughout.
  public init(agent: String, quartiles: Quartiles?) {
    self.agent = agent
    self.quartiles = quartiles
  }

  /// The residuals of all agents, in the model's order.
  ///
  /// - Parameters:
  ///   - agents: The agents' names, M of them.
  ///   - samples: For each sample a residual an agent, nil for a missing one; nil as a whole where there was no verdict or
  ///     the defence computes none.
  /// - Returns: Nil if no sample has residuals.
  public static func of(agents: [String], samples: [[Float?]?]) -> [AgentResiduals]? {
    let known = samples.compactMap { $0 }
    precondition(known.allSatisfy { $0.count == agents.count })
    guard !known.isEmpty else { return nil }
    return agents.enumerated().map { index, agent in
      AgentResiduals(agent: agent, quartiles: Quartiles(of: known.compactMap { $0[index].map { Double($0) } }))
    }
  }
}

extension AgentResiduals: Decodable {
  private enum CodingKeys: String, CodingKey { case agent, quartiles }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      agent: try container.decode(String.self, forKey: .agent),
      quartiles: try container.decodeIfPresent(Quartiles.self, forKey: .quartiles))
  }
}
