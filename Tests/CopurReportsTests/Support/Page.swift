import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A report as another parser reads it, which is stricter than a browser: it must be well-formed XML.
struct Page {
  private let root: XMLElement
  let source: String

  init(_ html: String) throws {
    source = html
    root = try #require(try XMLDocument(data: Data(html.utf8)).rootElement())
  }

  /// All elements of a name, in the document's order.
  func elements(_ name: String) -> [XMLElement] { Self.elements(name, in: root) }

  /// The element of an id.
  func element(id: String) -> XMLElement? {
    Self.all(in: root).first { $0.value("id") == id }
  }

  /// The texts of all elements of a name.
  func texts(_ name: String) -> [String] { elements(name).map { Self.text(of: $0) } }

  /// The cells of the table with a caption, row by row, headers included.
  func table(_ caption: String) -> [[String]]? {
    elements("table").first { Self.elements("caption", in: $0).first.map(Self.text) == caption }.map { table in
      Self.elements("tr", in: table).map { row in
        (row.children ?? []).compactMap { $0 as? XMLElement }.map { Self.text(of: $0) }
      }
    }
  }

  /// The text of an element, runs of white space as one space.
  static func text(of node: XMLNode) -> String {
    (node.stringValue ?? "").split { $0 == " " || $0 == "\n" }.joined(separator: " ")
  }

  static func elements(_ name: String, in root: XMLElement) -> [XMLElement] {
    all(in: root).filter { $0.localName == name }
  }

  private static func all(in element: XMLElement) -> [XMLElement] {
    [element] + (element.children ?? []).compactMap { $0 as? XMLElement }.flatMap(all)
  }
}

extension XMLElement {
  /// The value of an attribute, which `attribute(forName:)` does not find on an element in a namespace.
  func value(_ name: String) -> String? { attributes?.first { $0.name == name }?.stringValue }
}
