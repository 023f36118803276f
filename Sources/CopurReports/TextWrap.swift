/// Text broken between words into lines of a width.
enum TextWrap {
  /// - Parameters:
  ///   - width: How many characters a line has at most; a word that is longer stands on a line of its own.
  ///   - indent: How many spaces lines after the first begin with.
  /// - Returns: At least one line.
  static func lines(of text: String, width: Int, indent: Int = 0) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = String(repeating: " ", count: indent) + word
      } else {
        line += (line.isEmpty ? "" : " ") + word
      }
    }
    return lines + [line]
  }

  /// Each line of a text broken by itself.
  ///
  /// - Parameter width: Nil to leave the text as it is.
  static func wrapped(_ text: String, width: Int?) -> String {
    guard let width else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { lines(of: String($0), width: width, indent: 2).joined(separator: "\n") }.joined(separator: "\n")
  }
}
