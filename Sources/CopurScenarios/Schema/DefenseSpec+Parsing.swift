internal import CopurCore
internal import CopurDatasets
internal import CopurDefenses
internal import CopurLearning

extension DefenseSpec {
  /// The circumstances that a defence's rules depend on.
  struct Context {
    /// Agents and classes.
    var kindContext: KindContext
    /// The scenario's models, which a defence's own differ from in part; nil where the models are given.
    var models: (training: TrainingSettings, manifold: ManifoldSettings)?
  }

  /// The keys that every defence has.
  private static let modelKeys = ["training", "manifold"]
  private static let commonKeys = ["kind", "name", "protect"] + modelKeys
  /// The longest name.
  private static let nameLimit = 64

  /// The `defenses:` section.
  static func list(parsing node: SchemaNode, context: Context) throws(ScenarioError) -> [DefenseSpec] {
    var specs: [DefenseSpec] = []
    for item in try node.list(of: "defenses") {
      let spec = try DefenseSpec(parsing: item, context: context)
      guard !specs.contains(where: { $0.name == spec.name }) else {
        throw item.error("a defense is named once (twice: \"\(spec.name)\")")
      }
      specs.append(spec)
    }
    return specs
  }

  /// A kind's name, or a mapping with `kind`, `name` and the kind's settings.
  init(parsing node: SchemaNode, context: Context) throws(ScenarioError) {
    guard node.isMapping else {
      let kind = try node.choice(of: "a defense", from: ScenarioKinds.defenses.names)
      let entry = SchemaMapping(what: "a defense", node: node, entries: [])
      self.init(try entry.kind(kind, in: .defenses, besides: Self.commonKeys, context: context.kindContext))
      return
    }
    let entry = try node.mapping(of: "a defense")
    let name = try entry.required("kind").choice(of: "a defense's kind", from: ScenarioKinds.defenses.names)
    var context = context
    let threat = try entry["protect"].map { node throws(ScenarioError) in
      try Threat(parsing: node, context: context.kindContext)
    }
    if let threat { context.kindContext.threat = threat }
    let kind = try entry.kind(name, in: .defenses, besides: Self.commonKeys, context: context.kindContext)
    self.init(kind, name: try entry["name"].map { node throws(ScenarioError) in try Self.name(node, of: name) })
    ownThreat = threat
    guard let models = context.models else {
      if kind is Auto, let section = entry.entries.first(where: { $0.name == "protect" }) {
        throw section.key.error("\"protect\" is a training's to say: here what \"\(name)\" is has been chosen already")
      }
      for entry in entry.entries where Self.modelKeys.contains(entry.name) {
        throw entry.key.error("\"\(entry.name)\" is a scenario's to say: here the models are trained already")
      }
      return
    }
    if let section = entry["training"] {
      ownTraining = try TrainingSettings(
        parsing: section, context: context.kindContext, changing: models.training)
    }
    if let section = entry["manifold"] {
      ownManifold = try ManifoldSettings(
        parsing: section, context: context.kindContext, changing: models.manifold,
        embeddingWidth: (ownTraining ?? models.training).embeddingWidth(agents: context.kindContext.agents.count))
    }
  }

  private static func name(_ node: SchemaNode, of kind: String) throws(ScenarioError) -> String {
    let name = try node.string("a name")
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isPlain, name.utf8.count <= nameLimit else {
      throw node.error(
        "a defense's name is 1 to \(nameLimit) letters, digits, '-', '_' or '.' (actual: \"\(name)\")")
    }
    guard name == kind || !ScenarioKinds.defenses.names.contains(name) else {
      throw node.error("a defense is not named as one of another kind (kind: \(kind), actual: \"\(name)\")")
    }
    return name
  }
}
