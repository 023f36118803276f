internal import CopurCore
internal import CopurDatasets
internal import CopurDefenses
internal import CopurLaunch

extension Scenario {
  private static let keys = [
    "name", "dataset", "agents", "training", "manifold", "protect", "defenses", "attacks", "timeline", "rounds",
    "launch", "seeds", "sweep",
  ]

  /// Checks a document that has no sweep.
  ///
  /// - Throws: ``ScenarioError`` at the first value that breaks a rule.
  package init(parsing document: ScenarioDocument) throws(ScenarioError) {
    switch try ScenarioOrSweep(parsing: document) {
    case .scenario(let scenario): self = scenario
    case .sweep(let sweep):
      throw document.error(
        line: 1, column: 1, "one scenario is asked for, and this is a sweep of \(sweep.points.count)")
    }
  }

  /// Checks what a document says, settings and a point of its sweep applied.
  ///
  /// - Parameter settings: The settings of the command line, as a record of what was run.
  init(root: SchemaMapping, in document: ScenarioDocument, settings: [String]) throws(ScenarioError) {
    try root.check(keys: Self.keys)

    let dataset = try DatasetSource(parsing: root.required("dataset"))
    let agents = try root["agents"]?.agents(from: dataset.agents) ?? dataset.agents
    var training = TrainingSettings()
    var kinds = KindContext(agents: agents, classNames: dataset.classNames)
    if let section = root["protect"] {
      kinds.threat = try Threat(parsing: section, context: kinds)
    }
    if let section = root["training"] { training = try TrainingSettings(parsing: section, context: kinds) }
    var manifold = ManifoldSettings()
    if let section = root["manifold"] {
      manifold = try ManifoldSettings(
        parsing: section, context: kinds, embeddingWidth: training.embeddingWidth(agents: agents.count))
    }
    var defenses = DefenseSpec.defaults
    if let list = root["defenses"] {
      defenses = try DefenseSpec.list(
        parsing: list,
        context: DefenseSpec.Context(kindContext: kinds, models: (training, manifold)))
    }
    var rounds = RoundSettings()
    if let section = root["rounds"] { rounds = try RoundSettings(parsing: section, agents: agents.count) }
    let context = AttackSpec.Context(agents: agents, classNames: dataset.classNames, quorum: rounds.quorum)

    name = try root.required("name").string("a name")
    self.dataset = dataset
    self.agents = agents
    self.training = training
    self.manifold = manifold
    threat = kinds.threat
    self.defenses = defenses
    self.rounds = rounds
    if let section = root.entries.first(where: { $0.name == "timeline" }) {
      guard root["attacks"] == nil else {
        throw section.key.error("a scenario has either \"attacks\" or a \"timeline\" (actual: both)")
      }
      timeline = try Timeline(parsing: section.value, agents: agents)
      attacks = []
    } else {
      timeline = nil
      attacks = try AttackSpec.list(parsing: root.required("attacks"), context: context)
    }
    seeds = try root["seeds"].map(Self.seeds(parsing:)) ?? [0]
    launch =
      try root["launch"].map { node throws(ScenarioError) in try LaunchSettings(parsing: node) } ?? LaunchSettings()
    source = LaunchSettings.removed(from: document.text)
    self.settings = settings
    try checkAlternatives(in: root)
  }

  /// Checks that alternatives to a training have a use: neither a vote nor `auto` chooses among them.
  private func checkAlternatives(in root: SchemaMapping) throws(ScenarioError) {
    let users = modelGroups.filter { $0.protection == nil && $0.isCalibrated && !$0.training.alternatives.isEmpty }
      .flatMap { $0.defenses.map(\.name) }
    func check(_ node: SchemaNode?, for defenses: [DefenseSpec]) throws(ScenarioError) {
      let names = defenses.map(\.name)
      guard let node, let list = try node.mapping(of: "training")["alternatives"], !names.isEmpty,
        !names.contains(where: { users.contains($0) })
      else { return }
      throw list.error(
        "alternatives are judged by what purification makes of held-out rows, which votes and auto have no use for: leave "
          + "them out (defenses: \(names.joined(separator: ", ")))")
    }
    try check(root["training"], for: defenses.filter { $0.ownTraining == nil })
    let items = try root["defenses"]?.list(of: "defenses") ?? []
    for (item, defense) in zip(items, defenses) where item.isMapping {
      try check(try item.mapping(of: "a defense")["training"], for: [defense])
    }
  }

  private static func seeds(parsing node: SchemaNode) throws(ScenarioError) -> [UInt64] {
    var seeds: [UInt64] = []
    for item in try node.list(of: "seeds") {
      let seed = UInt64(try item.integer(atLeast: 0))
      guard !seeds.contains(seed) else { throw item.error("a seed is given once (twice: \(seed))") }
      seeds.append(seed)
    }
    return seeds
  }
}
