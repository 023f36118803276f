internal import CopurCore
internal import CopurDatasets

extension DatasetSource {
  /// The `dataset:` section.
  init(parsing node: SchemaNode) throws(ScenarioError) {
    let section = try node.mapping(of: "a dataset")
    let kind = try section.required("kind").choice(of: "a dataset's kind", from: KindRegistry.datasets.names)
    self.init(
      try section.kind(
        kind, in: .datasets, besides: ["kind"], context: KindContext(agents: [], classNames: [])))
  }
}
