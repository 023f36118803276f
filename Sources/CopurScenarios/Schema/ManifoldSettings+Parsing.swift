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
    let section = try node.mapping(of: "a manifold", keys: Self.settings.map(\.description.key))
    self = try section.settings(of: settings, context: context)
    if kind == .linear, let entry = section.entries.first(where: { Self.autoencoderKeys.contains($0.name) }) {
      throw entry.key.error("\"\(entry.name)\" is an option of the kind autoencoder (kind: linear)")
    }
    do {
      try validate(embeddingWidth: embeddingWidth, given: section.keys)
    } catch {
      throw (error.key.flatMap { section[$0] } ?? node).error(error.message)
    }
  }
}
