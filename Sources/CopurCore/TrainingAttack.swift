public import CopurLearning

/// Agents that lie in training.
public struct TrainingAttack: Hashable, Sendable, Codable {
  /// The way they falsify their embeddings.
  public var kind: TrainingLie.Kind
  /// The liars.
  public var agents: [String]
  /// The strength of the falsification, over 0.
  public var amplification: Float

  /// - Parameters:
  ///   - kind: How they falsify what they send.
  ///   - agents: The liars.
  ///   - amplification: How much, over 0.
  public init(kind: TrainingLie.Kind = .flip, agents: [String] = [], amplification: Float = 1) {
    self.kind = kind
    self.agents = agents
    self.amplification = amplification
  }

  /// The lie of an agent, sent in place of its embeddings; nil if it is honest.
  public func lie(of agent: AgentID) -> TrainingLie? {
    agents.contains(agent.name) ? TrainingLie(kind, amplification: amplification) : nil
  }

  /// The settings of the section `attack`.
  public static var settings: [Setting<TrainingAttack>] {
    [
      .choice("kind", \.kind, of: "an attack on training", "how the agents falsify the embeddings that they send"),
      .texts("agents", \.agents, of: "agents", atLeast: 1, "the agents that lie", isRequired: true),
      .number("amplification", \.amplification, .positive, "how much: the factor, or the noise in root mean squares"),
    ]
  }
}
