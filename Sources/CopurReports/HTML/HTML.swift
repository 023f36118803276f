/// A piece of an HTML page, SVG included: text, an element, or several of them.
///
/// Text and attributes' values are escaped wherever they come from. What is written is well-formed XML, too.
///
/// ```swift
/// HTML("p", ["class": "note"]) {
///   "Seeds: "
///   for seed in seeds { HTML("code") { "\(seed)" } }
/// }
/// ```
package indirect enum HTML {
  /// Text, not yet escaped.
  case text(String)
  /// A style sheet; it has neither `<` nor `&`.
  case styleSheet(String)
  /// An element. Attributes without a value are left out.
  case element(name: String, attributes: [(name: String, value: String)], content: [HTML])
  /// Several pieces, one after the other.
  case group([HTML])

  /// An element.
  ///
  /// - Parameters:
  ///   - name: The element's name.
  ///   - attributes: Its attributes; those that are nil are left out.
  ///   - content: What is in it.
  package init(
    _ name: String, _ attributes: KeyValuePairs<String, String?> = [:], @HTMLBuilder content: () -> [HTML] = { [] }
  ) {
    self = .element(
      name: name, attributes: attributes.compactMap { name, value in value.map { (name, $0) } }, content: content())
  }

  /// Several pieces without an element around them.
  package init(@HTMLBuilder content: () -> [HTML]) { self = .group(content()) }

  /// The markup.
  package var markup: String {
    var output = ""
    write(to: &output)
    return output
  }

  private func write(to output: inout String) {
    switch self {
    case .text(let text): output += Self.escaped(text)
    case .styleSheet(let text):
      precondition(!text.contains { $0 == "<" || $0 == "&" })
      output += text
    case .group(let pieces): for piece in pieces { piece.write(to: &output) }
    case .element(let name, let attributes, let content):
      output += "<\(name)"
      for attribute in attributes { output += " \(attribute.name)=\"\(Self.escaped(attribute.value))\"" }
      if content.isEmpty, Self.childless.contains(name) {
        output += "/>"
      } else {
        output += ">"
        for piece in content { piece.write(to: &output) }
        output += "</\(name)>"
      }
      if !Self.inline.contains(name) { output += "\n" }
    }
  }

  /// Elements that are written as one tag: HTML's void elements, and SVG's shapes where they have no title.
  private static let childless: Set<String> = [
    "br", "circle", "col", "hr", "line", "meta", "path", "rect",
  ]

  /// Elements after which no line ends, since that would be a space in running text or a line in preformatted one.
  private static let inline: Set<String> = [
    "a", "abbr", "b", "br", "code", "em", "small", "span", "strong", "sub", "svg", "tspan", "var",
  ]

  /// Text as markup has it, in content and in quoted values alike. Control characters, which no markup can hold, become
  /// replacement characters.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\t", "\n": escaped.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

/// Puts pieces of a page one after the other.
@resultBuilder
package enum HTMLBuilder {
  package static func buildExpression(_ text: String) -> [HTML] { [.text(text)] }
  package static func buildExpression(_ piece: HTML) -> [HTML] { [piece] }
  package static func buildExpression(_ piece: HTML?) -> [HTML] { piece.map { [$0] } ?? [] }
  package static func buildExpression(_ pieces: [HTML]) -> [HTML] { pieces }
  package static func buildBlock(_ pieces: [HTML]...) -> [HTML] { pieces.flatMap { $0 } }
  package static func buildOptional(_ pieces: [HTML]?) -> [HTML] { pieces ?? [] }
  package static func buildEither(first pieces: [HTML]) -> [HTML] { pieces }
  package static func buildEither(second pieces: [HTML]) -> [HTML] { pieces }
  package static func buildArray(_ pieces: [[HTML]]) -> [HTML] { pieces.flatMap { $0 } }
}
