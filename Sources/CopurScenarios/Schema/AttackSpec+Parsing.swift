internal import CopurCore

extension AttackSpec {
  /// The circumstances that an attack's rules depend on.
  struct Context {
    /// The scenario's agents, in the model's order.
    let agents: [AgentID]
    /// The data set's classes.
    let classNames: [String]
    /// The number of agents that a round needs.
    let quorum: Int

    /// The circumstances that the rules of kinds depend on.
    var kindContext: KindContext { KindContext(agents: agents, classNames: classNames) }
  }

  /// The `attacks:` section, lists of amplifications expanded.
  static func list(parsing node: SchemaNode, context: Context) throws(ScenarioError) -> [AttackSpec] {
    var attacks: [AttackSpec] = []
    for item in try node.list(of: "attacks") {
      for attack in try expanded(parsing: item, context: context) {
        guard !attacks.contains(where: { $0.name == attack.name }) else {
          throw item.error("attacks have different names (twice: \"\(attack.name)\")")
        }
        attacks.append(attack)
      }
    }
    return attacks
  }

  /// The attacks that one entry stands for.
  private static func expanded(parsing node: SchemaNode, context: Context) throws(ScenarioError) -> [AttackSpec] {
    let entry = try node.mapping(of: "an attack")
    let name = try entry.required("name").string("a name")
    let parts: [AttackPart]
    if let all = entry["all"] {
      try entry.check(keys: ["name", "all"])
      var combined: [AttackPart] = []
      for item in try all.list(of: "attacks to combine") {
        let part = try item.mapping(of: "a part of an attack")
        _ = try part.required("kind")
        combined.append(try AttackPart(parsing: part, besides: [], context: context))
      }
      parts = combined
    } else {
      parts = [try AttackPart(parsing: entry, besides: ["name"], context: context)]
    }
    try checkDisjoint(parts)
    let speaking = context.agents.count - parts.reduce(0) { $0 + $1.silent }
    guard speaking >= context.quorum else {
      throw node.error("an attack leaves as many agents as the quorum (min: \(context.quorum), actual: \(speaking))")
    }
    return try specs(named: name, parts: parts, context: context)
  }

  /// An agent cannot be silent and attacking at once, nor attack in two ways.
  private static func checkDisjoint(_ parts: [AttackPart]) throws(ScenarioError) {
    var taken: [AgentID: AttackPart] = [:]
    for part in parts {
      for agent in part.agents {
        if let other = taken.updateValue(part, forKey: agent) {
          throw part.place.error(
            "the agents of an attack's parts are disjoint (\"\(agent)\" is in \(other.kind) and in \(part.kind))")
        }
      }
    }
  }

  private static func specs(
    named name: String, parts: [AttackPart], context: Context
  ) throws(ScenarioError) -> [AttackSpec] {
    let lists = parts.filter(\.isExpanded)
    if lists.count > 1 {
      throw lists[1].place.error("one part of an attack has a list of amplifications (actual: \(lists.count) parts)")
    }
    var searches: [Search] = []
    for part in parts {
      guard case .search(let search) = part.effect else { continue }
      guard searches.isEmpty else { throw part.place.error("one part of an attack searches for the worst agents") }
      searches.append(search)
    }
    let missing = parts.filter(\.isSilence).flatMap(\.agents)
    let count = lists.first?.attacks.count ?? 1
    return (0..<count).map { index in
      let adversarial = parts.compactMap { part -> Part? in
        guard !part.attacks.isEmpty else { return nil }
        return Part(agents: part.agents, attack: part.attacks[part.isExpanded ? index : 0])
      }
      let suffix = lists.first.map { " x\($0.amplificationTexts[index])" } ?? ""
      return AttackSpec(
        name: name + suffix, missing: context.agents.filter(missing.contains), adversarial: adversarial,
        search: searches.first)
    }
  }
}
