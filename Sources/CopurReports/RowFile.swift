internal import CopurCore
internal import Foundation

/// Files of rows, for people's and programs' further use.
public enum RowFile {
  /// The formats of a file of rows.
  public enum Format: Sendable {
    /// One JSON object a line (JSON Lines); keys in the order of the columns, nulls written.
    case jsonLines
    /// CSV with a header (RFC 4180).
    case csv
  }

  /// Writes rows to a file. Whoever reads it meanwhile sees the old file or the new one, never a part.
  ///
  /// - Throws: ``CopurError``: `.cannotCreate` with the path if the file cannot be written; `.software` if a number is
  ///   not finite.
  public static func write<Row: TabularRow>(_ rows: [Row], as format: Format, to path: String) throws {
    try write(text(of: rows, as: format), to: path)
  }

  /// Writes a file's text likewise.
  static func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw CopurError(.cannotCreate, "\(path): the results cannot be written", cause: error)
    }
  }

  /// Adds rows to a file, which is made, with its header, if it is not there.
  ///
  /// - Throws: ``CopurError``: `.cannotCreate` with the path if the file cannot be written; `.software` if a number is
  ///   not finite.
  static func append<Row: TabularRow>(_ rows: [Row], as format: Format, to path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return try write(rows, as: format, to: path) }
    var text = try text(of: rows, as: format)
    if format == .csv { text.removeFirst(header(of: Row.columns).count) }
    do {
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      defer { try? file.close() }
      try file.seekToEnd()
      try file.write(contentsOf: Data(text.utf8))
    } catch {
      throw CopurError(.cannotCreate, "\(path): the results cannot be written", cause: error)
    }
  }

  /// The content of such a file.
  ///
  /// - Throws: ``CopurError`` of code `.software` if a number is not finite: neither format can hold it.
  public static func text<Row: TabularRow>(of rows: [Row], as format: Format) throws -> String {
    try text(of: rows.map(\.fields), columns: Row.columns, as: format)
  }

  /// The same of rows whose columns are known when the program runs.
  static func text(of rows: [[TabularField]], columns: [String], as format: Format) throws -> String {
    var text = ""
    if format == .csv { text += header(of: columns) }
    for fields in rows {
      precondition(fields.count == columns.count, "a field for every column")
      for (column, field) in zip(columns, fields) {
        guard let value = field.numbers.first(where: { !$0.isFinite }) else { continue }
        throw CopurError(.software, "a result is a finite number (\(column): \(value))")
      }
      switch format {
      case .csv: text += fields.map(csv).joined(separator: ",") + "\r\n"
      case .jsonLines:
        text += "{" + zip(columns, fields).map { "\(jsonString($0)):\(json($1))" }.joined(separator: ",") + "}\n"
      }
    }
    return text
  }

  /// The first record of CSV. RFC 4180, section 2: records end in CR LF.
  private static func header(of columns: [String]) -> String {
    columns.map(csvEscaped).joined(separator: ",") + "\r\n"
  }

  private static func csv(_ field: TabularField) -> String {
    switch field {
    case .text(let text): csvEscaped(text)
    case .integer(let value): String(value)
    case .seed(let value): String(value)
    case .number(let value): String(value)
    case .names(let names): csvEscaped(names.joined(separator: ";"))
    case .quartiles: field.numbers.map { String($0) }.joined(separator: " ")
    case .residuals(let agents):
      csvEscaped(agents.map { "\($0.agent)=\($0.quartiles.map { csv(.quartiles($0)) } ?? "")" }.joined(separator: ";"))
    case .falseAlarms(let agents):
      csvEscaped(agents.map { "\($0.agent)=\($0.rate.map { String($0) } ?? "")" }.joined(separator: ";"))
    case .none: ""
    }
  }

  /// The characters by which a spreadsheet takes a text for a formula, and would run it.
  static let formulaStarts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t"]

  /// A text as a cell: one that begins as a formula does has an apostrophe in front, which spreadsheets take for the mark of
  /// a text.
  package static func csvEscaped(_ text: String) -> String {
    if let first = text.unicodeScalars.first, formulaStarts.contains(first) { return csvEscaped("'" + text) }
    return CSVText.field(text)
  }

  private static func json(_ field: TabularField) -> String {
    switch field {
    case .text(let text): jsonString(text)
    case .integer(let value): String(value)
    case .seed(let value): String(value)
    case .number(let value): String(value)
    case .names(let names): "[" + names.map(jsonString).joined(separator: ",") + "]"
    case .quartiles: "[" + field.numbers.map { String($0) }.joined(separator: ",") + "]"
    case .residuals(let agents):
      "["
        + agents.map {
          "{\"agent\":\(jsonString($0.agent)),\"quartiles\":\($0.quartiles.map { json(.quartiles($0)) } ?? "null")}"
        }.joined(separator: ",") + "]"
    case .falseAlarms(let agents):
      "["
        + agents.map { "{\"agent\":\(jsonString($0.agent)),\"rate\":\($0.rate.map { String($0) } ?? "null")}" }
        .joined(separator: ",") + "]"
    case .none: "null"
    }
  }

  /// A string as RFC 8259, section 7, has it.
  private static func jsonString(_ text: String) -> String {
    var escaped = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": escaped += "\\\""
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\r": escaped += "\\r"
      case "\t": escaped += "\\t"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped + "\""
  }
}
