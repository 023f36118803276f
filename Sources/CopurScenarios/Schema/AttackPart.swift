internal import CopurCore

/// One kind of misbehaviour and who shows it, as a scenario's attack or a part of one says.
struct AttackPart {
  /// What comes of it.
  enum Effect { case clean, missing, adversarial }

  /// The kinds, as scenarios spell them.
  static let kinds = ["clean", "missing", "feature-flipping", "pgd"]

  let kind: String
  let effect: Effect
  /// Where the agents are listed, or the attack itself if none are.
  let place: SchemaNode
  let agents: [AgentID]
  /// What the agents do: none for silence, more than one if a list of amplifications is given.
  let methods: [AttackSpec.Method]
  /// The amplifications as written, if they are a list.
  let amplificationTexts: [String]

  /// Whether it stands for several attacks.
  var isExpanded: Bool { !amplificationTexts.isEmpty }

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
    case "missing":
      try entry.check(keys: known + ["agents"])
      (effect, methods) = (.missing, [])
    case "feature-flipping":
      try entry.check(keys: known + ["agents", "amplification"])
      let amplifications = try Self.amplifications(entry["amplification"], texts: &texts)
      (effect, methods) = (.adversarial, amplifications.map { .featureFlipping(amplification: $0) })
    case "pgd":
      try entry.check(keys: known + ["agents", "goal", "step", "iterations", "target", "direction"])
      (effect, methods) = (.adversarial, [.pgd(try PGDSettings(parsing: entry, classNames: context.classNames))])
    default:
      // Agents without a kind are more likely a forgotten kind than a misspelt key.
      if entry["kind"] == nil, entry.entries.contains(where: { $0.name != "name" }) {
        throw entry.node.error(
          "an attack that has more than a name has a kind: \(Self.kinds.dropFirst().joined(separator: ", ")), or \"all\""
        )
      }
      try entry.check(keys: known)
      (effect, methods) = (.clean, [])
    }
    amplificationTexts = texts
    if effect == .clean {
      (agents, place) = ([], entry.node)
    } else {
      place = try entry.required("agents")
      agents = try place.agents(from: context.agents)
    }
  }

  private static func amplifications(_ node: SchemaNode?, texts: inout [String]) throws(ScenarioError) -> [Float] {
    guard let node else { return [10] }
    guard node.isList else { return [try node.positiveNumber()] }
    var values: [Float] = []
    for item in try node.list(of: "amplifications") {
      values.append(try item.positiveNumber())
      texts.append(item.scalar ?? "")
    }
    return values
  }
}
