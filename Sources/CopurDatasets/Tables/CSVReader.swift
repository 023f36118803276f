internal import CopurCore

/// Reads the records of a CSV file with a header (RFC 4180) from its bytes, one after the other.
///
/// Lines end in LF or CRLF, or in CR alone where there is no LF. A record keeps only where its fields begin and end, so cells that nobody asks for cost nothing
/// but the search for the next comma.
package struct CSVReader {
  private struct Field {
    var bounds: Range<Int>
    /// Whether a quote inside is doubled.
    var hasEscapes: Bool
  }

  /// The file's name for messages.
  package let file: String
  /// The names in the header; no two are equal.
  package private(set) var columns: [String] = []
  /// The line on which the current record begins; the header is line 1.
  package private(set) var line = 0

  /// The way the file is written.
  package let dialect: CSVDialect
  /// Words for a missing value, in lower case: tables may have one in most of their cells.
  private let missingWords: Set<String>
  private let bytes: [UInt8]
  /// The byte that lines end with; a CR in front of it belongs to it.
  private let lineEnd: UInt8
  private var position: Int
  private var nextLine = 1
  private var fields: [Field] = []

  /// Reads the header.
  ///
  /// - Parameter dialect: How the file is written; what it leaves open is guessed from the first lines.
  /// - Throws: ``CopurError`` of code `.invalidData` if there is no header, a name comes twice in it, or it is no UTF-8.
  package init(file: String, bytes: [UInt8], dialect: CSVDialect = CSVDialect()) throws {
    self.file = file
    self.bytes = bytes
    guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
      throw CopurError(.invalidData, "\(file): a table is text in UTF-8 (actual: UTF-16)")
    }
    self.dialect = dialect.completed(by: bytes)
    missingWords = Set(dialect.missing.map { $0.lowercased() })
    let feed = UInt8(ascii: "\n")
    lineEnd = bytes.contains(feed) ? feed : UInt8(ascii: "\r")
    // Spreadsheets put a byte order mark in front.
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard try readRecord() else { throw CopurError(.invalidData, "\(file): a header is expected (actual: no line)") }
    // Data frames write their index without a name.
    let names = fields.indices.map { text($0).isEmpty ? "unnamed:\($0 + 1)" : text($0) }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw CopurError(.invalidData, "\(file): a column is named once in the header (twice: \"\(name)\")")
    }
    columns = names
  }

  /// Counts lines that were read elsewhere, between the header and what follows it here.
  mutating func skip(lines: Int) { nextLine += lines }

  /// Goes on to the next record.
  ///
  /// - Returns: False if there is none.
  /// - Throws: ``CopurError`` of code `.invalidData` if the record has not as many fields as the header, or a quote is
  ///   not closed.
  package mutating func next() throws -> Bool {
    guard try readRecord() else { return false }
    // Blank lines at the end are no rows.
    if columns.count > 1, fields.count == 1, fields[0].bounds.isEmpty, isBlankFromHere { return false }
    guard fields.count == columns.count else {
      throw CopurError(
        .invalidData,
        "\(file):\(line): a row has as many fields as the header (max: \(columns.count), actual: \(fields.count))")
    }
    return true
  }

  /// The content of a field of the current record.
  package func text(_ column: Int) -> String {
    let field = fields[column]
    let text = String(decoding: bytes[field.bounds], as: UTF8.self)
    return field.hasEscapes ? text.replacing("\"\"", with: "\"") : text
  }

  /// The number in a field of the current record.
  ///
  /// - Returns: The nearest `Double` to what is written, rounded to `Float`; NaN if the field is empty or has one of the
  ///   dialect's words for a missing value.
  /// - Throws: ``CopurError`` of code `.invalidData`, with file, line and column, if it is no finite number.
  package func number(_ column: Int) throws -> Float {
    let bounds = fields[column].bounds
    if bounds.isEmpty { return .nan }
    if dialect.decimal == .comma {
      let point = bytes[bounds].map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 }
      let hasPoint = bytes[bounds].contains(UInt8(ascii: "."))
      if !hasPoint, let value = DecimalNumber.parse(point[...]), Float(value).isFinite { return Float(value) }
    } else if let value = DecimalNumber.parse(bytes[bounds]), Float(value).isFinite {
      return Float(value)
    }
    if isMissing(text(column)) { return .nan }
    throw invalid(
      column, rule: "a finite number, nothing or \(dialect.missing.joined(separator: ", "))")
  }

  /// Whether a field that is no number is a missing value.
  func isMissing(_ text: String) -> Bool { missingWords.contains(text.lowercased()) }

  /// The error that a field of the current record breaks a rule.
  func invalid(_ column: Int, rule: String) -> CopurError {
    CopurError(
      .invalidData, "\(file):\(line): column \"\(columns[column])\": expected \(rule) (actual: \"\(text(column))\")")
  }

  private var isBlankFromHere: Bool {
    bytes[min(position, bytes.count)...].allSatisfy {
      $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 == 0x20
    }
  }

  private mutating func readRecord() throws -> Bool {
    guard position < bytes.count else { return false }
    fields.removeAll(keepingCapacity: true)
    line = nextLine
    let (comma, quote, feed, carriage) = (dialect.separatorByte, UInt8(ascii: "\""), lineEnd, UInt8(ascii: "\r"))
    while true {
      if position < bytes.count, bytes[position] == quote {
        try readQuotedField()
      } else {
        let start = position
        while position < bytes.count, bytes[position] != comma, bytes[position] != feed { position += 1 }
        let isLast = position == bytes.count || bytes[position] == feed
        let end = isLast && position > start && bytes[position - 1] == carriage ? position - 1 : position
        fields.append(Field(bounds: start..<end, hasEscapes: false))
      }
      if position == bytes.count { break }
      position += 1
      if bytes[position - 1] == feed { break }
    }
    nextLine += 1
    return true
  }

  /// Reads a field from its opening quote up to the comma, line feed or end of file that follows it.
  private mutating func readQuotedField() throws {
    let (quote, feed) = (UInt8(ascii: "\""), lineEnd)
    let start = position + 1
    position = start
    var hasEscapes = false
    while true {
      guard position < bytes.count else {
        throw CopurError(
          .invalidData, "\(file):\(line): a quoted field ends with a quote (actual: the end of the file)")
      }
      if bytes[position] == feed { nextLine += 1 }
      if bytes[position] == quote {
        guard position + 1 < bytes.count, bytes[position + 1] == quote else { break }
        hasEscapes = true
        position += 1
      }
      position += 1
    }
    fields.append(Field(bounds: start..<position, hasEscapes: hasEscapes))
    position += 1
    let isAtReturn = position + 1 < bytes.count && bytes[position] == UInt8(ascii: "\r") && bytes[position + 1] == feed
    if isAtReturn { position += 1 }
    guard position == bytes.count || bytes[position] == dialect.separatorByte || bytes[position] == feed else {
      throw CopurError(
        .invalidData,
        "\(file):\(line): after a closing quote comes a \(dialect.separatorName) or the end of the line (field \(fields.count))"
      )
    }
  }
}
