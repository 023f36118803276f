internal import CopurAttacks

extension AttackGoal {
  /// The keys of a goal.
  static let keys = ["goal", "target"]

  /// The goal of an attack that has to have one.
  ///
  /// - Parameter classNames: The data set's classes, of which one may be the target.
  init(parsing entry: SchemaMapping, classNames: [String]) throws(ScenarioError) {
    let goal = try entry.required("goal").choice(of: "a goal", as: PGDSettings.Goal.self)
    let target = try PGDSettings.target(
      of: entry, isTargeted: goal == .targeted, classNames: classNames, what: "attack")
    self = goal == .targeted ? .targeted(label: target) : .untargeted
  }

  /// As scenarios and results spell it.
  var name: String {
    switch self {
    case .targeted: PGDSettings.Goal.targeted.rawValue
    case .untargeted: PGDSettings.Goal.untargeted.rawValue
    }
  }
}
