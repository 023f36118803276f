internal import CopurCore

extension ManifoldSettings {
  /// A `manifold:` section.
  ///
  /// - Parameters:
  ///   - context: The scenario's agents and classes.
  ///   - settings: What holds for keys that it leaves out.
  ///   - embeddingWidth: D, which no code is as wide as; nil where models that say it are not read yet.
  init(
    parsing node: SchemaNode, context: KindContext, changing settings: ManifoldSettings = ManifoldSettings(),
    embeddingWidth: Int?
  ) throws(ScenarioError) {
    let section = try node.mapping(of: "a manifold", keys: Self.settings.map(\.key))
    let registry = KindRegistry.manifolds
    let name = try section["kind"]?.choice(of: "a manifold's kind", from: registry.names) ?? settings.kind.kind
    let own = Set(Self.common.map(\.key) + (registry[name]?.settings ?? []).map(\.key))
    if let entry = section.entries.first(where: { !own.contains($0.name) }) {
      let others = registry.entries.filter { $0.settings.contains { $0.key == entry.name } }.map(\.name)
      throw entry.key.error(
        "\"\(entry.name)\" is an option of the kind \(others.joined(separator: ", ")) (kind: \(name))")
    }
    self = try section.settings { try settings.reading(kind: name, from: $0, in: context) }
    do {
      try validate(embeddingWidth: embeddingWidth, given: section.keys)
    } catch {
      throw (error.key.flatMap { section[$0] } ?? node).error(error.message)
    }
  }
}
