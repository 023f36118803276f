internal import CopurCore
public import CopurRobustLearning

extension DetectorSpec {
  /// Reads a detector from a command line: `rca`, or `{ kind: rca, name: alone, exchange: false }`.
  ///
  /// - Throws: ``CopurError`` of code `.invalidArgument`, with line, column and a caret.
  public init(argument: String) throws {
    let document = ScenarioDocument(text: argument, file: "--detector")
    do {
      try self.init(parsing: document.root())
    } catch {
      throw CopurError(.invalidArgument, error.description)
    }
  }

  private init(parsing node: SchemaNode) throws(ScenarioError) {
    let names = KindRegistry<any Detector>.detectors.names
    let context = KindContext(agents: [], classNames: [])
    guard node.isMapping else {
      let kind = try node.choice(of: "a detector", from: names)
      let entry = SchemaMapping(what: "a detector", node: node, entries: [])
      self.init(try entry.kind(kind, in: .detectors, besides: [], context: context))
      return
    }
    let entry = try node.mapping(of: "a detector")
    let kind = try entry.required("kind").choice(of: "a detector's kind", from: names)
    let detector = try entry.kind(kind, in: .detectors, besides: ["kind", "name"], context: context)
    self.init(detector, name: try entry["name"]?.string("a name"))
  }
}
