public import CopurAttacks
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

    /// - Parameter agents: Who sends what the method proposes.
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
    /// Follow the whole defence's gradient, within its gate.
    case adaptivePGD(AdaptivePGDSettings)
    /// Ask the defence so often, and keep what does more harm.
    case blackBox(goal: AttackGoal, queries: Int)
    /// Send the same number everywhere.
    case constant(value: Float)
    /// Send noise as long as the honest block, times the amplification.
    case gaussian(amplification: Float)
    /// Send the embedding of another sample.
    case replay(Replay.Source)
  }

  /// Further agents that are searched for, sample by sample: the worst ones under a budget (CoPur, Eq. 2 and 3).
  public struct Search: Hashable, Sendable {
    /// Among whom; at least as many as the budget.
    public let candidates: [AgentID]
    /// How many at most.
    public let budget: Int
    /// What those that do not fall silent do; nil if all of them fall silent.
    public let method: Method?
    /// What the attacker wants.
    public let goal: AttackGoal
    /// The most choices that are all tried.
    public let limit: Int

    /// - Parameter budget: How many of the candidates at most.
    public init(candidates: [AgentID], budget: Int, method: Method?, goal: AttackGoal, limit: Int = 1000) {
      self.candidates = candidates
      self.budget = budget
      self.method = method
      self.goal = goal
      self.limit = limit
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
    for part in adversarial where !kinds.contains(part.method.kind) { kinds.append(part.method.kind) }
    if let search {
      kinds.append(search.method == nil ? "worst-missing" : "worst-combination")
      if let method = search.method, !kinds.contains(method.kind) { kinds.append(method.kind) }
    }
    return kinds
  }

  /// "targeted" or "untargeted" if all parts with a goal agree on it, else nil.
  public var goal: String? {
    let goals = Set(attackGoals.map(\.name))
    return goals.count == 1 ? goals.first : nil
  }

  /// The goals of its parts.
  var attackGoals: [AttackGoal] { adversarial.compactMap(\.method.goal) + (search.map { [$0.goal] } ?? []) }

  /// The amplification if all flipping parts agree on it, else nil.
  public var amplification: Float? {
    let methods = adversarial.map(\.method) + (search?.method.map { [$0] } ?? [])
    let values = Set(
      methods.compactMap { method in if case .featureFlipping(let value) = method { value } else { nil } })
    return values.count == 1 ? values.first : nil
  }
}

extension AttackSpec.Method {
  /// The kind, as scenarios and results spell it.
  public var kind: String {
    switch self {
    case .featureFlipping: "feature-flipping"
    case .pgd: "pgd"
    case .adaptivePGD: "adaptive-pgd"
    case .blackBox: "black-box"
    case .constant: "constant"
    case .gaussian: "gaussian"
    case .replay: "replay"
    }
  }

  /// What the attacker wants; nil if it has no say in that.
  public var goal: AttackGoal? {
    switch self {
    case .pgd(let settings): settings.attackGoal
    case .adaptivePGD(let settings): settings.descent.attackGoal
    case .blackBox(let goal, _): goal
    case .featureFlipping, .constant, .gaussian, .replay: nil
    }
  }
}
