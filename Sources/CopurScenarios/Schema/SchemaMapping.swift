internal import CopurDatasets

/// The keys and values of a YAML mapping.
struct SchemaMapping {
  /// A key and its value.
  struct Entry {
    let name: String
    let key: SchemaNode
    let value: SchemaNode
  }

  /// The thing that the mapping describes, for messages.
  let what: String
  /// The node of the mapping.
  let node: SchemaNode
  /// In the order of the file; the parser has refused equal keys.
  let entries: [Entry]

  /// The value of a key, if it is there.
  subscript(key: String) -> SchemaNode? { entries.first { $0.name == key }?.value }

  /// The value of a key that has to be there.
  func required(_ key: String) throws(ScenarioError) -> SchemaNode {
    guard let value = self[key] else { throw node.error("\(what) has the key \"\(key)\" (actual: it is missing)") }
    return value
  }

  /// The same with another value of a key that is there.
  func replacing(_ key: String, by value: SchemaNode) -> SchemaMapping {
    SchemaMapping(
      what: what, node: node,
      entries: entries.map { $0.name == key ? Entry(name: $0.name, key: $0.key, value: value) : $0 })
  }

  /// Refuses keys that are not known.
  func check(keys: [String]) throws(ScenarioError) {
    for entry in entries where !keys.contains(entry.name) {
      throw entry.key.error(
        "unknown key \"\(entry.name)\" in \(what) (known: \(keys.joined(separator: ", ")))"
          + Suggestion.clause(for: entry.name, in: keys))
    }
  }
}
