internal import CopurCore
public import Foundation

/// Reads an agent's own rows from bytes as they come: CSV with a header, or a JSON object a line, whichever begins.
///
/// Only the agent's own columns and the key are looked at; labels are not needed. In CSV an empty field, and in JSON null, is
/// a value without a reading.
public struct OwnRowsReader {
  /// The source's name, for messages.
  private let name: String
  private let columns: [String]
  private let key: RowKey
  private var pending: [UInt8] = []
  private var format: Format?
  /// The number of lines that were read, the header among them.
  private var lines = 0
  private var rows: UInt64 = 0

  private enum Format {
    /// With the header's bytes, its line end among them.
    case csv(header: [UInt8])
    case json
  }

  /// - Parameters:
  ///   - name: The source's name, for messages.
  ///   - columns: The agent's columns, in the model's order.
  ///   - key: How a row names its sample.
  public init(name: String, columns: [String], key: RowKey) {
    self.name = name
    self.columns = columns
    self.key = key
  }

  /// Takes more bytes, and reads the rows whose lines are complete.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` with source, line and rule.
  public mutating func read(_ bytes: Data) throws -> [OwnRow] {
    pending += bytes
    guard let end = pending.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    let complete = Array(pending[...end])
    pending.removeFirst(end + 1)
    return try rows(in: complete)
  }

  /// The source has ended: a last line needs no line end.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` with source, line and rule; also if there was no line at all.
  public mutating func finish() throws -> [OwnRow] {
    let rest = pending
    pending = []
    let found = rest.isEmpty ? [] : try rows(in: rest + [UInt8(ascii: "\n")])
    guard format != nil else {
      throw CopurError(.invalidData, "\(name): rows are CSV with a header, or JSON lines (actual: no line)")
    }
    return found
  }

  private mutating func rows(in bytes: [UInt8]) throws -> [OwnRow] {
    var bytes = bytes
    if format == nil {
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
      if bytes.first == UInt8(ascii: "{") {
        format = .json
      } else {
        let header = Array(bytes[...bytes.firstIndex(of: UInt8(ascii: "\n"))!])
        bytes.removeFirst(header.count)
        lines = 1
        try check(header: CSVReader(file: name, bytes: header).columns)
        format = .csv(header: header)
      }
    }
    switch format! {
    case .csv(let header): return try rows(inCSV: bytes, header: header)
    case .json: return try rows(inJSON: bytes)
    }
  }

  private func check(header: [String]) throws {
    let missing = (columns + [key.column].compactMap { $0 }).filter { !header.contains($0) }
    guard missing.isEmpty else {
      throw CopurError(
        .invalidData,
        "\(name): the header names the agent's columns and the key (missing: "
          + "\(missing.prefix(5).map { "\"\($0)\"" }.joined(separator: ", "))\(missing.count > 5 ? ", …" : ""))")
    }
  }

  private mutating func rows(inCSV bytes: [UInt8], header: [UInt8]) throws -> [OwnRow] {
    guard !bytes.isEmpty else { return [] }
    var reader = try CSVReader(file: name, bytes: header + bytes)
    reader.skip(lines: lines - 1)
    defer { lines += bytes.count { $0 == UInt8(ascii: "\n") } }
    let places = columns.map { reader.columns.firstIndex(of: $0)! }
    let keyPlace = key.column.map { reader.columns.firstIndex(of: $0)! }
    var rows: [OwnRow] = []
    while try reader.next() {
      let values = try places.map { try reader.number($0) }
      rows.append(try row(values, key: keyPlace.map { reader.text($0) }, line: reader.line))
    }
    return rows
  }

  private mutating func rows(inJSON bytes: [UInt8]) throws -> [OwnRow] {
    var rows: [OwnRow] = []
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      lines += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      guard let object = try? JSONDecoder().decode([String: JSONValue].self, from: Data(line)) else {
        throw CopurError(.invalidData, "\(name):\(lines): expected a JSON object on the line")
      }
      let values = try columns.map { column in
        switch object[column] {
        case .null: return Float.nan
        case .number(let number) where Float(number).isFinite: return Float(number)
        case let other:
          throw CopurError(
            .invalidData,
            "\(name):\(lines): \"\(column)\": expected a finite number or null (actual: "
              + "\(other.map { "\($0)" } ?? "no such key"))")
        }
      }
      let shown = try key.column.map { column in
        switch object[column] {
        case .string(let text): return text
        // Beyond, a whole number is not kept as it was written.
        case .number(let number) where abs(number) <= 0x1p53:
          return number == number.rounded() ? String(format: "%.0f", number) : "\(number)"
        case let other:
          throw CopurError(
            .invalidData,
            "\(name):\(lines): \"\(column)\": expected the row's key, a number up to 2^53 or a text (actual: \(other.map { "\($0)" } ?? "no such key"))"
          )
        }
      }
      rows.append(try row(values, key: shown, line: lines))
    }
    return rows
  }

  private mutating func row(_ values: [Float], key shown: String?, line: Int) throws -> OwnRow {
    func invalid(_ rule: String) -> CopurError {
      CopurError(
        .invalidData, "\(name):\(line): \"\(key.column ?? "")\": expected \(rule) (actual: \"\(shown ?? "")\")")
    }
    defer { rows += 1 }
    switch key {
    case .place: return OwnRow(sample: rows, values: values)
    case .number:
      guard let sample = shown.flatMap({ UInt64($0.trimmingCharacters(in: .whitespaces)) }) else {
        throw invalid("a sample's number, 0 or more")
      }
      return OwnRow(sample: sample, values: values)
    case .time(_, let origin, let period):
      guard let time = shown.flatMap(Self.seconds) else { throw invalid("seconds, or a date and time of ISO 8601") }
      let number = ((time - origin) / period).rounded(.down)
      guard number >= 0, number < 0x1p63 else { throw invalid("a time from the origin on") }
      return OwnRow(sample: UInt64(number), values: values, time: time)
    }
  }

  /// A time in seconds: a number, or a date with or without a time, in UTC where it names no zone.
  public static func seconds(_ text: String) -> Double? {
    let text = text.trimmingCharacters(in: .whitespaces)
    if let number = Double(text) { return number.isFinite ? number : nil }
    let zoned = text.replacing(" ", with: "T")
    for candidate in [zoned, zoned + "Z", zoned + "T00:00:00Z"] {
      for style in [Date.ISO8601FormatStyle(includingFractionalSeconds: true), Date.ISO8601FormatStyle()] {
        if let date = try? Date(candidate, strategy: style) { return date.timeIntervalSince1970 }
      }
    }
    return nil
  }
}
