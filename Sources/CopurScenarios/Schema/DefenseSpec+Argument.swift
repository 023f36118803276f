public import CopurCore
public import CopurDefenses

extension DefenseSpec {
  /// Reads a defence as it stands in a scenario, from a command line: `copur`, or `{ kind: randomized-smoothing, sigma: 2 }`.
  ///
  /// - Parameters:
  ///   - argument: The text.
  ///   - context: The model's agents and classes.
  /// - Throws: ``CopurError`` of code `.invalidArgument`, with line, column and a caret.
  public init(argument: String, context: KindContext) throws {
    let document = ScenarioDocument(text: argument, file: "--defense")
    do {
      try self.init(parsing: document.root(), context: Context(kindContext: context))
    } catch {
      throw CopurError(.invalidArgument, error.description)
    }
  }

  /// The argument that ``init(argument:context:)`` reads as this defence.
  public var argument: String {
    let members = kind.members
    if members.isEmpty, name == kind.kind { return name }
    let pairs = [("kind", kind.kind), ("name", SettingValue.text(of: name))] + members.map { ($0.key, $0.value.text) }
    return "{ " + pairs.map { "\($0.0): \($0.1)" }.joined(separator: ", ") + " }"
  }
}
