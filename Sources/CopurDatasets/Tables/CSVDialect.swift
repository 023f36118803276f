internal import CopurCore

/// The way a table of text is written: what stands between fields, in numbers and for missing values.
public struct CSVDialect: Hashable, Sendable, Codable {
  /// The marks between fields.
  public enum Separator: String, Sendable, Codable, CaseIterable {
    case comma, semicolon, tab, pipe

    var byte: UInt8 {
      switch self {
      case .comma: UInt8(ascii: ",")
      case .semicolon: UInt8(ascii: ";")
      case .tab: UInt8(ascii: "\t")
      case .pipe: UInt8(ascii: "|")
      }
    }
  }

  /// The marks before a number's fraction.
  public enum Decimal: String, Sendable, Codable, CaseIterable { case point, comma }

  /// The mark between fields; nil: guessed from the header, the one that it has most of, a comma if it has none.
  public var separator: Separator?
  /// The mark before a number's fraction; nil: guessed, a comma where fields are not separated by one, and more of the first
  /// numbers are written so.
  public var decimal: Decimal?
  /// Words for a missing value, in any case, besides an empty field.
  public var missing = ["nan", "NA", "N/A", "null", "none", "?"]

  /// A dialect that is guessed.
  public init() {}

  /// Whether nothing was said of it.
  var isOpen: Bool { separator == nil && decimal == nil && missing == CSVDialect().missing }

  var separatorByte: UInt8 { (separator ?? .comma).byte }
  var separatorName: String { (separator ?? .comma).rawValue }

  /// The same with what was left open as a file's first lines have it.
  func completed(by bytes: [UInt8]) -> CSVDialect {
    guard separator == nil || decimal == nil else { return self }
    let lines = bytes.prefix(1 << 16).split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    var dialect = self
    if separator == nil, let header = lines.first {
      let counts = Separator.allCases.map { separator in Self.unquoted(header).count { $0 == separator.byte } }
      let most = counts.max() ?? 0
      dialect.separator = most == 0 ? .comma : Separator.allCases[counts.firstIndex(of: most)!]
    }
    if decimal == nil {
      var (points, commas) = (0, 0)
      if dialect.separator != .comma {
        for line in lines.dropFirst() {
          for quoted in line.split(separator: dialect.separatorByte) {
            let field = quoted.filter { $0 != UInt8(ascii: "\"") }[...]
            if DecimalNumber.parse(field) != nil, field.contains(UInt8(ascii: ".")) { points += 1 }
            let point = field.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 }
            if field.contains(UInt8(ascii: ",")), !field.contains(UInt8(ascii: ".")),
              DecimalNumber.parse(point[...]) != nil
            {
              commas += 1
            }
          }
        }
      }
      dialect.decimal = commas > points ? .comma : .point
    }
    return dialect
  }

  /// A line without what stands in quotes.
  private static func unquoted(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var isQuoted = false
    return line.filter { byte in
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      return !isQuoted
    }
  }

  /// The guess of a file, in words; nil where it is the usual: commas and points.
  func guess(beside given: CSVDialect) -> String? {
    guard given.separator == nil && separator != .comma || given.decimal == nil && decimal == .comma else { return nil }
    return "read with the separator \(separatorName) and decimal \((decimal ?? .point).rawValue)s, by its first lines; "
      + "`separator:` and `decimal:` say so, too"
  }
}

extension CSVDialect {
  /// The settings of a data set that is such a table.
  static func settings<Owner>(at path: any WritableKeyPath<Owner, CSVDialect> & Sendable) -> [Setting<Owner>] {
    let own: [Setting<CSVDialect>] = [
      Setting(
        SettingDescription(
          "separator", .choice(of: "a separator", Separator.allCases.map(\.rawValue)),
          "what stands between fields; guessed from the header if left out, and said")
      ) {
        $0.separator.map { .text($0.rawValue) }
      } write: {
        if case .text(let name) = $1 { $0.separator = Separator(rawValue: name) }
      },
      Setting(
        SettingDescription(
          "decimal", .choice(of: "a decimal mark", Decimal.allCases.map(\.rawValue)),
          "what stands before a number's fraction; guessed from the first rows if left out, and said")
      ) {
        $0.decimal.map { .text($0.rawValue) }
      } write: {
        if case .text(let name) = $1 { $0.decimal = Decimal(rawValue: name) }
      },
      .texts(
        "missing", \.missing, of: "words", atLeast: 1, "words for a missing value, in any case, besides an empty field"),
    ]
    return own.map { $0.at(path) }
  }
}
