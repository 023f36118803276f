internal import CopurCore

extension TrainingSettings {
  /// A `training:` section.
  ///
  /// - Parameters:
  ///   - context: The scenario's agents and classes.
  ///   - settings: What holds for keys that it leaves out, but for alternatives: those are its own or none.
  init(
    parsing node: SchemaNode, context: KindContext, changing settings: TrainingSettings = TrainingSettings()
  ) throws(ScenarioError) {
    ScenarioKinds.register()
    let keys = Self.each.map(\.description.key)
    let section = try node.mapping(
      of: "training", keys: keys + Self.judged.map(\.description.key) + ["alternatives"])
    self = try section.settings(of: settings.alone, context: context)
    guard let list = section["alternatives"] else { return }
    var seen: Set<TrainingSettings> = [self]
    for entry in try list.list(of: "trainings") {
      // All are judged on the same rows, so how many those are is not theirs to say.
      let alternative = try entry.mapping(of: "an alternative training", keys: keys)
        .settings(of: alone, context: context)
      guard seen.insert(alternative).inserted else {
        throw entry.error("an alternative differs from the training and from other alternatives")
      }
      alternatives.append(alternative)
    }
  }
}
