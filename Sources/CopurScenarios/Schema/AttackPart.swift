internal import CopurAttacks
internal import CopurCore

/// One kind of misbehaviour and who shows it, as a scenario's attack or a part of one says.
struct AttackPart {
  /// What comes of it.
  enum Effect {
    case clean, missing, adversarial
    case search(AttackSpec.Search)
  }

  /// The kinds, as scenarios spell them.
  static let kinds = ["clean", "missing"] + AttackSpec.Method.kinds + ["worst-missing", "worst-combination"]

  let kind: String
  let effect: Effect
  /// Where the agents are listed, or the attack itself if none are.
  let place: SchemaNode
  let agents: [AgentID]
  /// What the agents do: none for silence and a search, more than one if a list of amplifications is given.
  let methods: [AttackSpec.Method]
  /// The amplifications as written, if they are a list.
  let amplificationTexts: [String]

  /// Whether it stands for several attacks.
  var isExpanded: Bool { !amplificationTexts.isEmpty }
  /// Whether its agents send nothing.
  var isSilence: Bool { if case .missing = effect { true } else { false } }
  /// How many of its agents may send nothing.
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
      (effect, methods) = (.clean, [])
    case "missing":
      try entry.check(keys: known + ["agents"])
      (effect, methods) = (.missing, [])
    case "feature-flipping" where entry["amplification"]?.isList == true:
      try entry.check(keys: known + ["agents", "amplification"])
      let amplifications = try Self.amplifications(try entry.required("amplification"), texts: &texts)
      (effect, methods) = (.adversarial, amplifications.map { .featureFlipping(amplification: $0) })
    case "worst-missing", "worst-combination":
      (effect, methods) = (.search(try AttackSpec.Search(parsing: entry, besides: known, context: context)), [])
    default:
      let method = try AttackSpec.Method(
        kind: kind, parsing: entry, besides: known + ["agents"], classNames: context.classNames)
      (effect, methods) = (.adversarial, [method])
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

  private static func amplifications(_ node: SchemaNode, texts: inout [String]) throws(ScenarioError) -> [Float] {
    var values: [Float] = []
    for item in try node.list(of: "amplifications") {
      values.append(try item.positiveNumber())
      texts.append(item.scalar ?? "")
    }
    return values
  }
}

extension AttackSpec.Search {
  /// The options of an attack of kind `worst-missing` or `worst-combination`.
  fileprivate init(
    parsing entry: SchemaMapping, besides others: [String], context: AttackSpec.Context
  ) throws(ScenarioError) {
    let combines = entry["kind"]?.scalar == "worst-combination"
    try entry.check(
      keys: others + ["agents", "budget", "limit"] + AttackGoal.keys + (combines ? ["attack"] : []))
    let candidates = try entry["agents"]?.agents(from: context.agents) ?? context.agents
    var method: AttackSpec.Method?
    if combines {
      let attack = try entry.required("attack").mapping(of: "the attack of a combination")
      let kind = try attack.required("kind").choice(of: "its kind", from: AttackSpec.Method.kinds)
      method = try AttackSpec.Method(kind: kind, parsing: attack, besides: ["kind"], classNames: context.classNames)
    }
    self.init(
      candidates: candidates,
      budget: try entry.required("budget").integer(atLeast: 1, atMost: candidates.count), method: method,
      goal: entry["goal"] == nil && entry["target"] == nil
        ? .untargeted : try AttackGoal(parsing: entry, classNames: context.classNames),
      limit: try entry["limit"]?.integer(atLeast: 1) ?? 1000)
  }
}
