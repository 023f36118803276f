internal import CopurAttacks
internal import CopurCore

/// One kind of misbehaviour and who shows it, as a scenario's attack or a part of one says.
struct AttackPart {
  /// The effects of a part.
  enum Effect {
    case clean, missing, adversarial
    case search(AttackSpec.Search)
  }

  /// The kinds, as scenarios spell them.
  static var kinds: [String] {
    ["clean", "missing"] + ScenarioKinds.attacks.names + ["worst-missing", "worst-combination"]
  }

  let kind: String
  let effect: Effect
  /// The place at which the agents are listed, or that of the attack itself if none are.
  let place: SchemaNode
  let agents: [AgentID]
  /// The attacks of the agents: none for silence and a search, more than one if a list of amplifications is given.
  let attacks: [any AttackKind]
  /// The amplifications as written, if they are a list.
  let amplificationTexts: [String]

  /// Whether it stands for several attacks.
  var isExpanded: Bool { !amplificationTexts.isEmpty }
  /// Whether its agents send nothing.
  var isSilence: Bool { if case .missing = effect { true } else { false } }
  /// The number of its agents that may send nothing.
  var silent: Int {
    switch effect {
    case .clean, .adversarial: 0
    case .missing: agents.count
    case .search(let search): search.budget
    }
  }

  /// - Parameters:
  ///   - entry: The mapping.
  ///   - others: Keys that it may have besides those of its kind.
  init(
    parsing entry: SchemaMapping, besides others: [String], context: AttackSpec.Context
  ) throws(ScenarioError) {
    kind = try entry["kind"]?.choice(of: "an attack's kind", from: Self.kinds) ?? "clean"
    let known = others + ["kind"]
    var texts: [String] = []
    switch kind {
    case "clean":
      // Agents without a kind are more likely a forgotten kind than a misspelt key.
      if entry["kind"] == nil, entry.entries.contains(where: { $0.name != "name" }) {
        throw entry.node.error(
          "an attack that has more than a name has a kind: \(Self.kinds.dropFirst().joined(separator: ", ")), or \"all\""
        )
      }
      try entry.check(keys: known)
      (effect, attacks) = (.clean, [])
    case "missing":
      try entry.check(keys: known + ["agents"])
      let search = try AttackSpec.Search(anyOf: entry, attack: nil, context: context)
      (effect, attacks) = (search.map { .search($0) } ?? .missing, [])
    case "worst-missing", "worst-combination":
      (effect, attacks) = (.search(try AttackSpec.Search(parsing: entry, besides: known, context: context)), [])
    default:
      var each: [any AttackKind] = []
      for single in try Self.expanded(entry, texts: &texts) {
        each.append(
          try single.kind(kind, in: .attacks, besides: known + ["agents"], context: context.kindContext))
      }
      if let search = try AttackSpec.Search(anyOf: entry, attack: each[0], context: context) {
        guard texts.isEmpty else {
          throw entry.node.error("an attack of any agents has one amplification (actual: a list of \(texts.count))")
        }
        (effect, attacks) = (.search(search), [])
      } else {
        (effect, attacks) = (.adversarial, each)
      }
    }
    amplificationTexts = texts
    switch effect {
    case .clean: (agents, place) = ([], entry.node)
    case .search(let search): (agents, place) = (search.candidates, entry["agents"] ?? entry.node)
    case .missing, .adversarial:
      place = try entry.required("agents")
      agents = try place.agents(from: context.agents)
    }
  }

  /// The mappings that one with a list of amplifications stands for; the mapping itself if it has none.
  private static func expanded(
    _ entry: SchemaMapping, texts: inout [String]
  ) throws(ScenarioError) -> [SchemaMapping] {
    guard let node = entry["amplification"], node.isList else { return [entry] }
    let items = try node.list(of: "amplifications")
    texts = items.map { $0.scalar ?? "" }
    return items.map { entry.replacing("amplification", by: $0) }
  }
}

extension AttackSpec.Search {
  /// The search that `agents: { any: q }` stands for: those of all agents, at most q for each sample, whose silence or
  /// attack does most harm; nil if agents are named.
  ///
  /// - Parameters:
  ///   - entry: The mapping with the key `agents`.
  ///   - attack: What those that lie do; nil if all fall silent.
  fileprivate init?(
    anyOf entry: SchemaMapping, attack: (any AttackKind)?, context: AttackSpec.Context
  ) throws(ScenarioError) {
    guard let node = entry["agents"], node.isMapping else { return nil }
    let section = try node.mapping(of: "agents: a list of names, or any so many", keys: ["any", "of"])
    let candidates = try section["of"]?.agents(from: context.agents) ?? context.agents
    self.init(
      candidates: candidates,
      budget: try section.required("any").integer(atLeast: 1, atMost: candidates.count), attack: attack,
      goal: attack?.aim ?? .untargeted)
  }

  /// The options of an attack of kind `worst-missing` or `worst-combination`.
  fileprivate init(
    parsing entry: SchemaMapping, besides others: [String], context: AttackSpec.Context
  ) throws(ScenarioError) {
    let combines = entry["kind"]?.scalar == "worst-combination"
    try entry.check(
      keys: others + ["agents", "budget", "limit", "goal", "target"] + (combines ? ["attack"] : []))
    let candidates = try entry["agents"]?.agents(from: context.agents) ?? context.agents
    var attack: (any AttackKind)?
    if combines {
      let section = try entry.required("attack").mapping(of: "the attack of a combination")
      let kind = try section.required("kind").choice(of: "its kind", from: ScenarioKinds.attacks.names)
      attack = try section.kind(kind, in: .attacks, besides: ["kind"], context: context.kindContext)
    }
    self.init(
      candidates: candidates,
      budget: try entry.required("budget").integer(atLeast: 1, atMost: candidates.count), attack: attack,
      goal: try entry.settings(of: SearchGoal(), context: context.kindContext).goal,
      limit: try entry["limit"]?.integer(atLeast: 1, atMost: 1_000_000) ?? 1000)
  }
}

/// The goal of a search's attacker: any wrong class if nothing else is said.
private struct SearchGoal: Kind {
  static var settings: [Setting<SearchGoal>] { AttackGoal.settings(isRequired: false).map { $0.at(\.goal) } }

  var goal = AttackGoal.untargeted

  func validate(in context: KindContext, given keys: Set<String>) throws(SettingError) {
    try goal.validate(in: context, given: keys)
  }
}
