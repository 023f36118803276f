internal import CopurDatasets
internal import Yams

/// A value of the YAML tree that knows where it stands.
struct SchemaNode {
  private let node: Node
  private let document: ScenarioDocument

  init(_ node: Node, in document: ScenarioDocument) {
    self.node = node
    self.document = document
  }

  /// An error at this value.
  func error(_ message: String) -> ScenarioError {
    document.error(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, message)
  }

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
    if case .sequence = node { true } else { false }
  }

  /// Whether this is a mapping.
  var isMapping: Bool {
    if case .mapping = node { true } else { false }
  }

  /// The values of a list; at least one.
  func list(of what: String) throws(ScenarioError) -> [SchemaNode] {
    guard case .sequence(let sequence) = node else { throw mismatch("a list of \(what)") }
    guard !sequence.isEmpty else { throw error("a list of \(what) has at least one (actual: 0)") }
    return sequence.map { SchemaNode($0, in: document) }
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
    guard case .sequence(let nodes) = node else { return [try mapping(of: what)] }
    var mappings: [SchemaMapping] = []
    for node in nodes { mappings.append(try SchemaNode(node, in: document).mapping(of: what)) }
    return mappings
  }

  private var isNull: Bool {
    guard case .scalar(let scalar) = node, !isQuoted else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  private var actual: String {
    switch node {
    case .scalar(let scalar): isNull ? "nothing" : "\"\(scalar.string)\""
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }
}
