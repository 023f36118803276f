internal import CopurDatasets
internal import Yams

/// A value of the YAML tree that knows where it stands.
///
/// A node within which settings have changed something is made of values of several documents.
struct SchemaNode {
  private indirect enum Content {
    /// As the parser gave it: its parts stand in the same document.
    case parsed(Node)
    case list([SchemaNode])
    case mapping([SchemaMapping.Entry])
  }

  private let content: Content
  private let document: ScenarioDocument
  /// The line that it begins in, from 1.
  let line: Int
  /// The column that it begins in, from 1.
  private let column: Int

  init(_ node: Node, in document: ScenarioDocument) {
    self.init(.parsed(node), in: document, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  private init(_ content: Content, in document: ScenarioDocument, line: Int, column: Int) {
    self.content = content
    self.document = document
    self.line = line
    self.column = column
  }

  /// A text that no parser gave, and its place.
  init(scalar: String, in document: ScenarioDocument, line: Int, column: Int) {
    self.init(.parsed(Node(scalar)), in: document, line: line, column: column)
  }

  /// Another text that stands so many columns behind this one.
  func naming(_ text: String, shiftedBy columns: Int) -> SchemaNode {
    SchemaNode(scalar: text, in: document, line: line, column: column + columns)
  }

  /// A mapping in this value's place.
  func mapping(with entries: [SchemaMapping.Entry]) -> SchemaNode {
    SchemaNode(.mapping(entries), in: document, line: line, column: column)
  }

  /// A list in this value's place.
  func list(with items: [SchemaNode]) -> SchemaNode {
    SchemaNode(.list(items), in: document, line: line, column: column)
  }

  /// The tree of the parser, for what is not changed by settings.
  private var node: Node? {
    if case .parsed(let node) = content { node } else { nil }
  }

  /// An error at this value.
  func error(_ message: String) -> ScenarioError { document.error(line: line, column: column, message) }

  /// The error that this value is of the wrong type.
  func mismatch(_ expected: String) -> ScenarioError { error("expected \(expected) (actual: \(actual))") }

  /// The text of a scalar; nil for a list, a mapping and an empty value.
  var scalar: String? {
    guard case .scalar(let scalar) = node else { return nil }
    return isNull ? nil : scalar.string
  }

  /// Whether the value is written with quotes, so that it is text whatever it looks like.
  var isQuoted: Bool {
    guard case .scalar(let scalar) = node else { return false }
    return scalar.style != .plain && scalar.style != .any
  }

  /// Whether this is a list.
  var isList: Bool {
    switch content {
    case .parsed(.sequence), .list: true
    default: false
    }
  }

  /// Whether this is a mapping.
  var isMapping: Bool {
    switch content {
    case .parsed(.mapping), .mapping: true
    default: false
    }
  }

  /// The values of a list; none of what is no list.
  var items: [SchemaNode] {
    switch content {
    case .parsed(.sequence(let sequence)): sequence.map { SchemaNode($0, in: document) }
    case .list(let items): items
    default: []
    }
  }

  /// The values of a list; at least one.
  func list(of what: String) throws(ScenarioError) -> [SchemaNode] {
    guard isList else { throw mismatch("a list of \(what)") }
    let items = items
    guard !items.isEmpty else { throw error("a list of \(what) has at least one (actual: 0)") }
    return items
  }

  /// The values of a mapping by their keys.
  ///
  /// - Parameters:
  ///   - what: What the mapping describes, for messages, such as "an attack".
  ///   - keys: The keys that it may have.
  func mapping(of what: String, keys: [String]) throws(ScenarioError) -> SchemaMapping {
    let mapping = try self.mapping(of: what)
    try mapping.check(keys: keys)
    return mapping
  }

  /// The values of a mapping by their keys, whatever keys it has. A merge key, `<<`, stands for the keys of the mapping, or of
  /// the mappings, that it names; a key that is given here counts for more, and so does that of an earlier mapping.
  func mapping(of what: String) throws(ScenarioError) -> SchemaMapping {
    if case .mapping(let entries) = content { return SchemaMapping(what: what, node: self, entries: entries) }
    guard case .mapping(let pairs) = node else { throw mismatch("\(what): a mapping of keys to values") }
    var entries: [SchemaMapping.Entry] = []
    var merged: [SchemaMapping.Entry] = []
    for pair in pairs {
      let key = SchemaNode(pair.key, in: document)
      guard let name = key.scalar else { throw key.mismatch("a key") }
      let value = SchemaNode(pair.value, in: document)
      if name == Self.mergeKey, !key.isQuoted {
        merged += try value.mappings(of: "what a merge key names").flatMap(\.entries)
      } else {
        entries.append(SchemaMapping.Entry(name: name, key: key, value: value))
      }
    }
    for entry in merged where !entries.contains(where: { $0.name == entry.name }) { entries.append(entry) }
    return SchemaMapping(what: what, node: self, entries: entries)
  }

  private static let mergeKey = "<<"

  /// This mapping, or those of this list.
  private func mappings(of what: String) throws(ScenarioError) -> [SchemaMapping] {
    guard isList else { return [try mapping(of: what)] }
    var mappings: [SchemaMapping] = []
    for item in items { mappings.append(try item.mapping(of: what)) }
    return mappings
  }

  /// Whether the value is empty, or written `null` or `~`.
  var isNull: Bool {
    guard case .scalar(let scalar) = node, !isQuoted else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  private var actual: String {
    switch content {
    case .parsed(.scalar(let scalar)): isNull ? "nothing" : "\"\(scalar.string)\""
    case .parsed(.sequence), .list: "a list"
    case .parsed(.mapping), .mapping: "a mapping"
    case .parsed(.alias): "an alias"
    }
  }
}
