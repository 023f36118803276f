/// A value of a setting, read and checked by its ``SettingType``.
public indirect enum SettingValue: Hashable, Sendable {
  /// Of an integer, a class, or a choice that is a number.
  case integer(Int)
  /// Of a number, or a choice that is one.
  case number(Float)
  /// Of a boolean.
  case boolean(Bool)
  /// Of a choice or a text.
  case text(String)
  /// Of a list of texts.
  case texts([String])
  /// Of a mapping, in the file's order; only what was given.
  case mapping([Member])

  /// A key and its value.
  public struct Member: Hashable, Sendable {
    /// The key.
    public let key: String
    /// The value that was given for it.
    public let value: SettingValue

    /// - Parameter key: As scenarios spell it.
    public init(_ key: String, _ value: SettingValue) {
      self.key = key
      self.value = value
    }
  }

  /// As a scenario may write it.
  public var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .text(let value): Self.text(of: value)
    case .texts(let values): "[\(values.map(Self.text(of:)).joined(separator: ", "))]"
    case .mapping(let members): "{ \(members.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ")) }"
    }
  }

  /// Text as a YAML scalar that is read as this text, wherever it stands: plain if it cannot be taken for anything else, or
  /// in double quotes.
  public static func text(of value: String) -> String {
    let isPlain =
      value.first.map { $0.isLetter || $0.isNumber || "./".contains($0) } == true && value.last != " "
      && value.last != ":"
      && !value.contains(": ") && !value.contains(" #") && value.lowercased() != "null"
      && value.allSatisfy { $0.isLetter || $0.isNumber || " ._-+/=@%:*^#()<>".contains($0) }
    if isPlain { return value }
    var quoted = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}"..."\u{2029}", "\u{FEFF}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return "\"\(quoted)\""
  }
}
