/// A text as YAML writes it.
enum YAMLScalar {
  /// The text as a scalar that means the same, in quotes where it has to be.
  static func text(_ text: String) -> String {
    let isPlain = text.wholeMatch(of: /[A-Za-z0-9_.\/][A-Za-z0-9_.\/:@%+-]*/) != nil && !text.hasSuffix(":")
    let isNull = ["null", "Null", "NULL"].contains(text)
    if isPlain, !isNull { return text }
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      case "\r": "\\r"
      case "\t": "\\t"
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}
