public import CopurAttacks
public import CopurCore

/// An attack of a scenario: which agents are silent and what the compromised ones send.
///
/// No agent is in two of its parts.
public struct AttackSpec: Hashable, Sendable {
  /// Some compromised agents and their attack.
  public struct Part: Hashable, Sendable {
    /// The agents that do it; at least one.
    public let agents: [AgentID]
    /// The attack by which they choose what they send.
    public let attack: any AttackKind

    /// - Parameter agents: Who sends what the attack proposes.
    public init(agents: [AgentID], attack: any AttackKind) {
      self.agents = agents
      self.attack = attack
    }

    public static func == (one: Part, other: Part) -> Bool {
      one.agents == other.agents && AnyHashable(one.attack) == AnyHashable(other.attack)
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(agents)
      hasher.combine(AnyHashable(attack))
    }
  }

  /// Further agents that are searched for, sample by sample: the worst ones under a budget (CoPur, Eq. 2 and 3).
  public struct Search: Hashable, Sendable {
    /// Among whom; at least as many as the budget.
    public let candidates: [AgentID]
    /// The greatest number of agents.
    public let budget: Int
    /// The attack by which those that do not fall silent choose what they send; nil if all of them fall silent.
    public let attack: (any AttackKind)?
    /// The attacker's goal.
    public let goal: AttackGoal
    /// The most choices that are all tried.
    public let limit: Int

    /// - Parameter budget: How many of the candidates at most.
    public init(candidates: [AgentID], budget: Int, attack: (any AttackKind)?, goal: AttackGoal, limit: Int = 1000) {
      self.candidates = candidates
      self.budget = budget
      self.attack = attack
      self.goal = goal
      self.limit = limit
    }

    public static func == (one: Search, other: Search) -> Bool {
      one.candidates == other.candidates && one.budget == other.budget && one.goal == other.goal
        && one.limit == other.limit && one.attack.map { AnyHashable($0) } == other.attack.map { AnyHashable($0) }
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(candidates)
      hasher.combine(budget)
      hasher.combine(goal)
      hasher.combine(limit)
      hasher.combine(attack.map { AnyHashable($0) })
    }
  }

  /// The name, unique in the scenario.
  public let name: String
  /// The agents that send nothing, in the model's order.
  public let missing: [AgentID]
  /// The agents that send adversarial embeddings, and how.
  public let adversarial: [Part]
  /// Further agents to be searched for.
  public let search: Search?

  /// An attack in which all that is left out is honest.
  public init(name: String, missing: [AgentID] = [], adversarial: [Part] = [], search: Search? = nil) {
    self.name = name
    self.missing = missing
    self.adversarial = adversarial
    self.search = search
  }

  /// Whether nobody is attacked.
  public var isClean: Bool { missing.isEmpty && adversarial.isEmpty && search == nil }

  /// All agents that are given as ones that send adversarial embeddings.
  public var compromised: [AgentID] { adversarial.flatMap(\.agents) }

  /// The kinds of its parts as results name them, each once: "missing" first, then as in the scenario, then the search and
  /// what is searched with.
  public var kinds: [String] {
    var kinds = missing.isEmpty ? [] : ["missing"]
    for part in adversarial where !kinds.contains(part.attack.kind) { kinds.append(part.attack.kind) }
    if let search {
      kinds.append(search.attack == nil ? "worst-missing" : "worst-combination")
      if let attack = search.attack, !kinds.contains(attack.kind) { kinds.append(attack.kind) }
    }
    return kinds
  }

  /// "targeted" or "untargeted" if all parts with a goal agree on it, else nil.
  public var goal: String? {
    let goals = Set(attackGoals.map(\.name))
    return goals.count == 1 ? goals.first : nil
  }

  /// The attacker's knowledge of its victim, the most that one of its parts has; nil if nobody is attacked. Who picks the
  /// worst agents has at least the decisions of the defence under every choice.
  public var knowledge: AttackKnowledge? {
    guard !isClean else { return nil }
    let parts = adversarial.map(\.attack.knowledge)
    let searching = search.map { max($0.attack?.knowledge ?? .nothing, .decisions) }
    return (parts + [searching ?? .nothing]).max()
  }

  /// The goals of its parts.
  var attackGoals: [AttackGoal] { adversarial.compactMap(\.attack.aim) + (search.map { [$0.goal] } ?? []) }

  /// The amplification if all flipping parts agree on it, else nil.
  public var amplification: Float? {
    let attacks = adversarial.map(\.attack) + (search?.attack.map { [$0] } ?? [])
    let values = Set(attacks.compactMap(\.amplifies))
    return values.count == 1 ? values.first : nil
  }
}
