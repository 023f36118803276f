/// The content of a scenario file: one run, or one for each point of its sweep.
public enum ScenarioOrSweep: Sendable {
  case scenario(Scenario)
  case sweep(Sweep)

  /// Checks a document.
  ///
  /// - Parameter settings: Applied in their order, before anything is checked.
  /// - Throws: ``ScenarioError`` at the first value that breaks a rule.
  package init(parsing document: ScenarioDocument, settings: [ScenarioSetting] = []) throws(ScenarioError) {
    var node = try document.root()
    if let either = try node.mapping(of: "a scenario").entries.first(where: { $0.name == "either" }) {
      throw either.key.error("a scenario that \"either:\" names is no \"either:\" itself")
    }
    for setting in settings { node = try node.setting(setting) }
    let root = try node.mapping(of: "a scenario")
    // Machines are no part of what is measured.
    let recorded = settings.filter { $0.path.parts[0].name != "launch" }.map(\.text)
    if let section = root["sweep"], !section.isNull {
      self = .sweep(try Sweep(parsing: root, section: section, in: document, settings: recorded))
    } else {
      let mapping = SchemaMapping(what: root.what, node: root.node, entries: root.entries.filter { $0.name != "sweep" })
      self = .scenario(try Scenario(root: mapping, in: document, settings: recorded))
    }
  }

  /// The scenario, or that of each point.
  public var scenarios: [Scenario] {
    switch self {
    case .scenario(let scenario): [scenario]
    case .sweep(let sweep): sweep.points.map(\.scenario)
    }
  }

  /// The scenario, or that of the first point.
  public var first: Scenario { scenarios[0] }

  /// The same with the seeds 0 to n − 1 in place of its own.
  ///
  /// - Parameter count: n, at least 1; nil for its own.
  public func withSeeds(_ count: Int?) -> ScenarioOrSweep {
    guard let count else { return self }
    let seeds = (0..<UInt64(count)).map { $0 }
    switch self {
    case .scenario(let scenario): return .scenario(scenario.withSeeds(seeds))
    case .sweep(let sweep): return .sweep(sweep.withSeeds(seeds))
    }
  }
}
