internal import CopurAttacks
internal import CopurDatasets

extension PGDSettings {
  /// The keys of an attack of kind `pgd`.
  static let keys = AttackGoal.keys + ["step", "iterations", "direction", "project"]

  /// The options of an attack of kind `pgd`, which one of kind `adaptive-pgd` has, too.
  ///
  /// - Parameter classNames: The data set's classes, of which one may be the target.
  init(parsing entry: SchemaMapping, classNames: [String]) throws(ScenarioError) {
    switch try AttackGoal(parsing: entry, classNames: classNames) {
    case .untargeted: self.init(goal: .untargeted)
    case .targeted(let label): self.init(goal: .targeted, target: label)
    }
    if let value = entry["step"] { step = try value.positiveNumber() }
    if let value = entry["iterations"] { iterations = try value.integer(atLeast: 1) }
    if let value = entry["direction"] { direction = try value.choice(of: "a direction", as: Direction.self) }
    if let value = entry["project"] {
      let section = try value.mapping(of: "a projection", keys: ["norm", "radius"])
      projection = Projection(
        norm: try section.required("norm").choice(of: "a norm", as: Projection.Norm.self),
        radius: try section.required("radius").positiveNumber())
    }
  }

  /// The target among an entry's keys: a class if there are more than two, or one is named; else nil.
  ///
  /// - Parameter what: What is targeted or not, for messages.
  static func target(
    of entry: SchemaMapping, isTargeted: Bool, classNames: [String], what: String
  ) throws(ScenarioError) -> Int? {
    if let value = entry["target"] {
      guard isTargeted else { throw value.error("only a targeted \(what) has a target (goal: untargeted)") }
      return try target(parsing: value, classNames: classNames)
    }
    guard !isTargeted || classNames.count == 2 else {
      throw entry.node.error(
        "a targeted \(what) has a target if there are more than two classes (target: missing, classes: \(classNames.count))"
      )
    }
    return nil
  }

  private static func target(parsing node: SchemaNode, classNames: [String]) throws(ScenarioError) -> Int {
    let text = try node.string("a class's name or number")
    if let index = classNames.firstIndex(of: text) { return index }
    if !node.isQuoted, let index = Int(text), classNames.indices.contains(index) { return index }
    throw node.error(
      "a target is a class: \(classNames.joined(separator: ", ")), or 0 to \(classNames.count - 1) (actual: \"\(text)\")"
        + Suggestion.clause(for: text, in: classNames))
  }
}
