internal import CopurAttacks
internal import CopurDatasets

extension AttackSpec.Method {
  /// The kinds that make an adversarial embedding, as scenarios spell them.
  static let kinds = ["feature-flipping", "pgd", "adaptive-pgd", "black-box", "constant", "gaussian", "replay"]

  /// What an attack of one of ``kinds`` does.
  ///
  /// - Parameters:
  ///   - kind: The kind.
  ///   - entry: The attack.
  ///   - others: Keys that it may have besides those of its kind.
  ///   - classNames: The data set's classes.
  init(
    kind: String, parsing entry: SchemaMapping, besides others: [String], classNames: [String]
  ) throws(ScenarioError) {
    switch kind {
    case "feature-flipping":
      try entry.check(keys: others + ["amplification"])
      self = .featureFlipping(amplification: try entry["amplification"]?.positiveNumber() ?? 10)
    case "pgd":
      try entry.check(keys: others + PGDSettings.keys)
      self = .pgd(try PGDSettings(parsing: entry, classNames: classNames))
    case "adaptive-pgd":
      try entry.check(keys: others + PGDSettings.keys + ["restarts", "draws"])
      var settings = AdaptivePGDSettings(descent: try PGDSettings(parsing: entry, classNames: classNames))
      if let value = entry["restarts"] { settings.restarts = try value.integer(atLeast: 1, atMost: 1000) }
      if let value = entry["draws"] { settings.draws = try value.integer(atLeast: 1, atMost: 100_000) }
      self = .adaptivePGD(settings)
    case "black-box":
      try entry.check(keys: others + AttackGoal.keys + ["queries"])
      self = .blackBox(
        goal: try AttackGoal(parsing: entry, classNames: classNames),
        queries: try entry["queries"]?.integer(atLeast: 1) ?? 500)
    case "constant":
      try entry.check(keys: others + ["value"])
      self = .constant(value: try entry["value"]?.number() ?? 0)
    case "gaussian":
      try entry.check(keys: others + ["amplification"])
      self = .gaussian(amplification: try entry["amplification"]?.positiveNumber() ?? 1)
    default:
      try entry.check(keys: others + ["of"])
      self = .replay(try entry["of"].map(Self.source(parsing:)) ?? .otherClass)
    }
  }

  private static func source(parsing node: SchemaNode) throws(ScenarioError) -> Replay.Source {
    let names = ["other-class", "any"]
    let rule = "what is replayed is \(names.joined(separator: ", ")) or the number of a training row, from 0"
    let text = try node.string(rule)
    if text == names[0] { return .otherClass }
    if text == names[1] { return .any }
    guard !node.isQuoted, Int(text) != nil else {
      throw node.error("\(rule) (actual: \"\(text)\")" + Suggestion.clause(for: text, in: names))
    }
    return .row(try node.integer(atLeast: 0))
  }
}
