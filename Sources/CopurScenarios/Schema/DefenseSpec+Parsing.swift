internal import CopurCore
internal import CopurDatasets
internal import CopurDefenses
internal import CopurLearning

extension DefenseSpec {
  /// What a defence's rules depend on.
  struct Context {
    /// How many agents there are.
    let agents: Int
    /// The data set's classes.
    let classNames: [String]
    /// The scenario's models, which a defence's own differ from in part; nil where the models are given.
    var models: (training: TrainingSettings, manifold: ManifoldSettings)?
  }

  /// The keys that every defence has.
  private static let modelKeys = ["training", "manifold"]
  private static let commonKeys = ["kind", "name"] + modelKeys
  private static let trainingKeys = ["epochs", "learning_rate"]
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
      let kind = try node.choice(of: "a defense", from: DefenseCatalog.kinds)
      self.init(try Self.method(kind, SchemaMapping(what: "a defense", node: node, entries: []), context))
      return
    }
    let entry = try node.mapping(of: "a defense")
    let kind = try entry.required("kind").choice(of: "a defense's kind", from: DefenseCatalog.kinds)
    let method = try Self.method(kind, entry, context)
    self.init(method, name: try entry["name"].map { node throws(ScenarioError) in try Self.name(node, of: kind) })
    guard let models = context.models else {
      for entry in entry.entries where Self.modelKeys.contains(entry.name) {
        throw entry.key.error("\"\(entry.name)\" is a scenario's to say: here the models are trained already")
      }
      return
    }
    if let section = entry["training"] {
      ownTraining = try TrainingSettings(parsing: section, changing: models.training)
    }
    if let section = entry["manifold"] {
      let embedding = (ownTraining ?? models.training).embedding
      ownManifold = try ManifoldSettings(
        parsing: section, changing: models.manifold, embeddingWidth: context.agents * embedding)
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
    guard name == kind || !DefenseCatalog.kinds.contains(name) else {
      throw node.error("a defense is not named as one of another kind (kind: \(kind), actual: \"\(name)\")")
    }
    return name
  }

  private static func method(
    _ kind: String, _ entry: SchemaMapping, _ context: Context
  ) throws(ScenarioError) -> Method {
    switch kind {
    case RandomizedSmoothing.name: return .randomizedSmoothing(try smoothing(entry))
    case RandomizedSmoothingBlock.name: return .randomizedSmoothingBlock(try smoothing(entry))
    case SmoothedCoPur.name: return .coPurSmoothing(try smoothing(entry))
    case RandomizedAblation.name: return .randomizedAblation(try ablation(entry, context))
    case AdversariallyTrained.name: return .adversarialTraining(try adversarial(entry, context, isBlockwise: false))
    case AdversariallyTrained.blockName:
      return .adversarialTraining(try adversarial(entry, context, isBlockwise: true))
    default:
      try entry.check(keys: commonKeys)
      switch kind {
      case Oracle.name: return .oracle
      case ManifoldProjection.name: return .manifoldProjection
      case CoPur.paperName: return .coPurPaper
      case ScheduledCoPur.name: return .coPurSchedule
      case RelaxedCoPur.name: return .coPurRelaxed
      case CoPur.name: return .coPur
      default: return .unsecured
      }
    }
  }

  private static func smoothing(_ entry: SchemaMapping) throws(ScenarioError) -> SmoothingSettings {
    try entry.check(keys: commonKeys + ["sigma", "draws"])
    var settings = SmoothingSettings()
    if let value = entry["sigma"] { settings.sigma = try value.positiveNumber() }
    if let value = entry["draws"] {
      settings.draws = try value.integer(atLeast: 1, atMost: SmoothingSettings.drawLimit)
    }
    return settings
  }

  private static func ablation(
    _ entry: SchemaMapping, _ context: Context
  ) throws(ScenarioError) -> AblationSettings {
    try entry.check(keys: commonKeys + ["keep", "ablated", "draws"] + trainingKeys)
    var training = AblationTrainingSettings(keep: AblationTrainingSettings.defaultKeep(agents: context.agents))
    if let value = entry["keep"] { training.keep = try value.integer(atLeast: 1, atMost: context.agents) }
    if let value = entry["ablated"] {
      training.null = try value.choice(of: "what stands for an ablated block", as: AblationTrainingSettings.Null.self)
    }
    if let value = entry["epochs"] { training.epochs = try value.integer(atLeast: 1) }
    if let value = entry["learning_rate"] { training.learningRate = try value.positiveNumber() }
    var settings = AblationSettings(training: training)
    if let value = entry["draws"] {
      settings.draws = try value.integer(atLeast: 1, atMost: SmoothingSettings.drawLimit)
    }
    return settings
  }

  private static func adversarial(
    _ entry: SchemaMapping, _ context: Context, isBlockwise: Bool
  ) throws(ScenarioError) -> AdversarialTrainingSettings {
    try entry.check(keys: commonKeys + ["goal", "target", "step", "iterations", "direction"] + trainingKeys)
    let goal = try entry["goal"]?.choice(of: "a goal", as: AdversarialTrainingSettings.Goal.self) ?? .untargeted
    var settings = AdversarialTrainingSettings(
      goal: goal,
      target: try PGDSettings.target(
        of: entry, isTargeted: goal == .targeted, classNames: context.classNames, what: "adversarial training"),
      isBlockwise: isBlockwise)
    if let value = entry["step"] { settings.step = try value.positiveNumber() }
    if let value = entry["iterations"] { settings.iterations = try value.integer(atLeast: 1) }
    if let value = entry["direction"] {
      settings.direction = try value.choice(of: "a direction", as: InputDescent.Direction.self)
    }
    if let value = entry["epochs"] { settings.epochs = try value.integer(atLeast: 1) }
    if let value = entry["learning_rate"] { settings.learningRate = try value.positiveNumber() }
    return settings
  }
}
