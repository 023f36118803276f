public import CopurCore

/// An attack of a scenario: which agents are silent and what the compromised ones send.
///
/// No agent is in two of its parts.
public struct AttackSpec: Hashable, Sendable {
  /// What some compromised agents do.
  public struct Part: Hashable, Sendable {
    /// The agents that do it; at least one.
    public let agents: [AgentID]
    /// What they do.
    public let method: Method

    public init(agents: [AgentID], method: Method) {
      self.agents = agents
      self.method = method
    }
  }

  /// A way to make an adversarial embedding.
  public enum Method: Hashable, Sendable {
    /// Send −amplification · l_i in place of l_i.
    case featureFlipping(amplification: Float)
    /// Follow the fusion model's gradient.
    case pgd(PGDSettings)
  }

  /// The name, unique in the scenario.
  public let name: String
  /// The agents that send nothing, in the model's order.
  public let missing: [AgentID]
  /// The agents that send adversarial embeddings, and how.
  public let adversarial: [Part]

  public init(name: String, missing: [AgentID] = [], adversarial: [Part] = []) {
    self.name = name
    self.missing = missing
    self.adversarial = adversarial
  }

  /// Whether nobody is attacked.
  public var isClean: Bool { missing.isEmpty && adversarial.isEmpty }

  /// All agents that send adversarial embeddings.
  public var compromised: [AgentID] { adversarial.flatMap(\.agents) }

  /// The kinds of its parts as results name them, each once: "missing" first, then as in the scenario.
  public var kinds: [String] {
    var kinds = missing.isEmpty ? [] : ["missing"]
    for part in adversarial where !kinds.contains(part.method.kind) { kinds.append(part.method.kind) }
    return kinds
  }

  /// "targeted" or "untargeted" if all PGD parts agree on it, else nil.
  public var goal: String? {
    let goals = Set(adversarial.compactMap { part in if case .pgd(let pgd) = part.method { pgd.goal } else { nil } })
    return goals.count == 1 ? goals.first?.rawValue : nil
  }

  /// The amplification if all flipping parts agree on it, else nil.
  public var amplification: Float? {
    let values = Set(
      adversarial.compactMap { part in if case .featureFlipping(let value) = part.method { value } else { nil } })
    return values.count == 1 ? values.first : nil
  }
}

extension AttackSpec.Method {
  /// The kind, as scenarios and results spell it.
  public var kind: String {
    switch self {
    case .featureFlipping: "feature-flipping"
    case .pgd: "pgd"
    }
  }
}
