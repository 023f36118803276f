internal import CopurCore

/// A settings file: for each command a mapping from its options' names to their values, as `copur serve --config` reads it.
///
/// ```yaml
/// serve:
///   grpc: 0.0.0.0:8001
///   defense: [copur, agent-vote]
/// ```
///
/// Values stay text, which the command line's own parser reads, so an option has one type and one set of rules.
package struct OptionFile {
  /// An option's value, and the line that it stands in.
  package struct Entry: Equatable, Sendable {
    /// The option's name without its dashes.
    package let name: String
    /// The texts; one, but of an option that can be repeated. `true` or `false` of a flag.
    package let values: [String]
    /// The line in the file, from 1.
    package let line: Int

    package init(name: String, values: [String], line: Int) {
      self.name = name
      self.values = values
      self.line = line
    }
  }

  /// An option that the file may set.
  package struct Known: Equatable, Sendable {
    package let name: String
    package let isFlag: Bool
    package let isRepeating: Bool

    package init(name: String, isFlag: Bool, isRepeating: Bool) {
      self.name = name
      self.isFlag = isFlag
      self.isRepeating = isRepeating
    }
  }

  /// The file as it was named.
  package let file: String
  /// The entries of each command that the file names.
  package let commands: [String: [Entry]]

  /// Reads a file.
  ///
  /// - Parameter known: The options of each command that has settings.
  /// - Throws: ``CopurError``: `.missingInput` if it cannot be read, `.invalidData` if it is no text, `.configuration` with
  ///   line, column and a caret for what is in it.
  package init(contentsOf path: String, known: [String: [Known]]) throws {
    try self.init(ScenarioDocument(contentsOf: path, what: Self.what), known: known)
  }

  /// Reads a text.
  package init(text: String, file: String, known: [String: [Known]]) throws {
    try self.init(ScenarioDocument(text: text, file: file, what: Self.what), known: known)
  }

  private static let what = "a settings file"

  private init(_ document: ScenarioDocument, known: [String: [Known]]) throws {
    file = document.file
    do {
      commands = try Self.commands(in: document, known: known)
    } catch {
      throw error.asCopurError
    }
  }

  private static func commands(
    in document: ScenarioDocument, known: [String: [Known]]
  ) throws(ScenarioError) -> [String: [Entry]] {
    // A file with nothing but comments sets nothing.
    guard let root = try document.optionalRoot() else { return [:] }
    var commands: [String: [Entry]] = [:]
    for section in try root.mapping(of: what, keys: known.keys.sorted()).entries {
      // So does a command's heading, with all its options in comments.
      if section.value.isNull { continue }
      let options = known[section.name] ?? []
      let mapping = try section.value.mapping(
        of: "the settings of \(section.name)", keys: options.map(\.name))
      var entries: [Entry] = []
      for entry in mapping.entries {
        guard let option = options.first(where: { $0.name == entry.name }) else { continue }
        entries.append(
          Entry(name: option.name, values: try values(of: option, from: entry.value), line: entry.key.line))
      }
      commands[section.name] = entries
    }
    return commands
  }

  private static func values(of option: Known, from node: SchemaNode) throws(ScenarioError) -> [String] {
    if option.isFlag { return [try node.bool() ? "true" : "false"] }
    guard option.isRepeating, node.isList else { return [try text(of: option, from: node)] }
    var values: [String] = []
    for item in try node.list(of: "values") { values.append(try text(of: option, from: item)) }
    return values
  }

  private static func text(of option: Known, from node: SchemaNode) throws(ScenarioError) -> String {
    if node.isMapping { throw node.mismatch("\(option.name): a text; put it in quotes") }
    return try node.string("\(option.name): \(option.isRepeating ? "a value, or a list of values" : "one value")")
  }
}
