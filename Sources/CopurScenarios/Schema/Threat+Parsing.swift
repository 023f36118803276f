internal import CopurCore

extension Threat {
  /// The `protect:` section of a scenario, or of one of its defences.
  init(parsing node: SchemaNode, context: KindContext) throws(ScenarioError) {
    self = try node.mapping(of: "protect", keys: Threat.settings.map(\.description.key))
      .settings(of: .standard, context: context)
  }
}
