internal import CopurCore
internal import Foundation
internal import Yams

/// A scenario file, or another one in YAML that people write: its tree and the lines that errors quote.
package struct ScenarioDocument {
  /// The largest file that is read.
  private static let limit = 1 << 20
  /// The deepest nesting that is parsed. The parser beneath recurses, and a scenario has no use for more.
  private static let maximumDepth = 64

  /// The file as it was named.
  package let file: String
  /// The kind of file, with its article, for messages.
  private let what: String
  /// The whole text.
  package let text: String
  private let lines: [String]
  /// The number of columns before the first line's text where errors quote it.
  private var indentation = 0
  /// Whether this is an option's value, which has no line to name.
  private var isOption = false

  /// A document of a given text.
  package init(text: String, file: String, what: String = "a scenario") {
    self.file = file
    self.what = what
    self.text = text
    // By scalars: to Swift, CR LF is one character and no line feed.
    lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
      String($0.last == "\r" ? $0.dropLast() : $0)
    }
  }

  /// The value of an option of the command line.
  ///
  /// - Parameters:
  ///   - option: The option, for messages.
  ///   - line: What errors quote.
  ///   - value: The value, in YAML.
  ///   - indentation: The value's place in the line, in Unicode scalars from 0.
  init(option: String, line: String, value: String, at indentation: Int) {
    what = "an option"
    file = option
    text = value
    lines = line.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    self.indentation = indentation
    isOption = true
  }

  /// The root of an option's value; an empty one stands at a key.
  func root(ofValue key: SchemaNode) throws(ScenarioError) -> SchemaNode {
    let isEmpty = text.allSatisfy(\.isWhitespace)
    return isEmpty ? SchemaNode(scalar: "", in: self, line: 1, column: 1) : try root()
  }

  /// Reads a file.
  ///
  /// - Parameter what: The kind of file, with its article, for messages.
  /// - Throws: ``CopurError``: `.missingInput` if it cannot be read, `.invalidData` if it is no text or over 1 MiB.
  package init(contentsOf path: String, what: String = "a scenario") throws {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw CopurError(
        .missingInput, "\(path): the \(what.split(separator: " ").dropFirst().joined(separator: " ")) cannot be read",
        cause: error)
    }
    guard data.count <= Self.limit else {
      throw CopurError(.invalidData, "\(path): \(what) has at most \(Self.limit) bytes (actual: \(data.count))")
    }
    let isUTF16 = data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF])
    guard !isUTF16, let text = String(validating: data, as: UTF8.self) else {
      throw CopurError(
        .invalidData, "\(path): \(what) is text in UTF-8 (actual: \(isUTF16 ? "UTF-16" : "other bytes"))")
    }
    // Some editors put a byte order mark in front.
    self.init(text: String(text.unicodeScalars.drop { $0 == "\u{FEFF}" }), file: path, what: what)
  }

  /// The root of the YAML tree.
  func root() throws(ScenarioError) -> SchemaNode {
    guard let root = try optionalRoot() else {
      throw error(line: 1, column: 1, "a scenario has keys such as \"name\" and \"dataset\" (actual: an empty file)")
    }
    return root
  }

  /// The root of the YAML tree; nil if the file has nothing but comments.
  func optionalRoot() throws(ScenarioError) -> SchemaNode? {
    try checkDepth()
    do {
      return try Parser(yaml: text).singleRoot().map { SchemaNode($0, in: self) }
    } catch let error as YamlError {
      throw self.error(from: error)
    } catch {
      throw self.error(line: 1, column: 1, "the YAML cannot be parsed: \(error)")
    }
  }

  /// An error at a place of this document.
  func error(line: Int, column: Int, _ message: String) -> ScenarioError {
    let sourceLine = lines.indices.contains(line - 1) ? lines[line - 1] : ""
    return ScenarioError(
      file: file, line: line, column: max(1, column + (line == 1 ? indentation : 0)), message: message,
      sourceLine: sourceLine, isInOption: isOption)
  }

  private func error(from error: YamlError) -> ScenarioError {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let place = context.map { " (\($0.text), line \($0.mark.line))" } ?? ""
      return self.error(line: mark.line, column: mark.column, "no valid YAML: \(problem)\(place)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      // The mark is that of the first of the equal keys.
      let key = duplicates.first ?? ""
      return self.error(
        line: context.mark.line, column: context.mark.column, "a key is given once (again further down: \"\(key)\")")
    default:
      return self.error(line: 1, column: 1, "no valid YAML: \(error)")
    }
  }

  /// Refuses nesting by brackets, or by markers in one line, that would overflow the parser's stack.
  ///
  /// Nesting by indentation needs a file as long as the square of its depth, which the file's size bounds. Brackets in
  /// quotes and comments count too; no scenario has that many.
  private func checkDepth() throws(ScenarioError) {
    var depth = 0
    for (number, line) in lines.enumerated() {
      let markers = line.unicodeScalars.prefix { $0 == " " || $0 == "-" || $0 == "?" || $0 == ":" }
      let nested = markers.count { $0 != " " }
      for (column, scalar) in line.unicodeScalars.enumerated() {
        switch scalar {
        case "[", "{": depth += 1
        case "]", "}": depth = max(0, depth - 1)
        default: break
        }
        if depth + nested > Self.maximumDepth {
          throw error(line: number + 1, column: column + 1, "values nest at most \(Self.maximumDepth) deep")
        }
      }
    }
  }
}
