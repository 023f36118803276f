internal import CopurCore
internal import Yams

extension ManifestValue {
  /// YAML documents, one a value.
  ///
  /// - Throws: ``CopurError`` of code `.software` if a value cannot be written, as with a NUL in a text.
  package static func yaml(_ documents: [ManifestValue]) throws -> String {
    do {
      return try documents.map { try serialize(node: $0.node, width: -1, allowUnicode: true) }
        .joined(separator: "---\n")
    } catch {
      throw CopurError(.software, "a manifest cannot be written", cause: error)
    }
  }

  private var node: Node {
    switch self {
    case .text(let text): Node.scalar(Node.Scalar(text, Tag(.str), Self.style(of: text)))
    case .number(let number): Node("\(number)", Tag(.int))
    case .flag(let flag): Node(flag ? "true" : "false", Tag(.bool))
    case .list(let values): Node(values.map(\.node), Tag(.seq), values.isEmpty ? .flow : .block)
    case .map(let entries):
      Node(
        entries.map { (ManifestValue.text($0.key).node, $0.value.node) }, Tag(.map), entries.isEmpty ? .flow : .block)
    }
  }

  /// Quoted, unless every reader takes it for a text: kubectl reads YAML 1.1, in which `on`, `1e3` and `0o7` are none.
  private static func style(of text: String) -> Node.Scalar.Style {
    if text.contains("\n") { return .literal }
    // Letters that also are a number's begin no plain text: ".", digits and signs do.
    let isPlain = text.wholeMatch(of: /[A-Za-z\/][A-Za-z0-9\/._-]*(:\/\/[A-Za-z0-9\/._:-]*[A-Za-z0-9\/])?/) != nil
    return isPlain && !words.contains(text.lowercased()) ? .plain : .doubleQuoted
  }

  /// Words that some version of YAML takes for a truth value or for nothing.
  private static let words: Set = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
}
