internal import CopurCore
internal import Foundation

extension RowFile {
  /// Reads a file of JSON Lines.
  ///
  /// - Parameter keepsTornEnd: Whether a last line without its end counts; not where it may have been cut off.
  /// - Throws: ``CopurError``: `.missingInput` if the file cannot be read, `.invalidData` with the line's number if a line
  ///   is not a row.
  public static func rows<Row: Decodable>(
    _ type: Row.Type, inJSONLines path: String, keepsTornEnd: Bool = true
  ) throws -> [Row] {
    var text = Substring(try self.text(in: path))
    if !keepsTornEnd { text = text[..<(text.lastIndex(of: "\n").map { text.index(after: $0) } ?? text.startIndex)] }
    let decoder = JSONDecoder()
    var rows: [Row] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy(\.isWhitespace) { continue }
      let data = Data(line.utf8)
      do { rows.append(try decoder.decode(type, from: data)) } catch {
        throw CopurError(.invalidData, "\(path):\(index + 1): not a row of results (\(reason(of: error, in: data)))")
      }
    }
    return rows
  }

  /// Reads the records of a CSV file as this type writes them, header first. A last record without its end is left out: it
  /// was cut off.
  ///
  /// - Throws: ``CopurError`` of code `.missingInput` if the file cannot be read.
  static func records(inCSV path: String) throws -> [[String]] {
    var (records, fields, field): ([[String]], [String], String.UnicodeScalarView) = ([], [], .init())
    var (isQuoted, wasQuoted) = (false, false)
    for scalar in try text(in: path).unicodeScalars {
      switch scalar {
      case "\"":
        // Two quotation marks in a row stand for one: the second opens again what the first has closed.
        if wasQuoted, !isQuoted { field.append(scalar) }
        isQuoted.toggle()
        wasQuoted = true
      case "," where !isQuoted:
        fields.append(plain(field))
        (field, wasQuoted) = (.init(), false)
      case "\r" where !isQuoted: break
      case "\n" where !isQuoted:
        records.append(fields + [plain(field)])
        (fields, field, wasQuoted) = ([], .init(), false)
      default: field.append(scalar)
      }
    }
    return records
  }

  /// A field without the apostrophe in front of what would be a formula.
  private static func plain(_ field: String.UnicodeScalarView) -> String {
    let isMarked = field.first == "'" && field.dropFirst().first.map { formulaStarts.contains($0) } ?? false
    return String(isMarked ? String.UnicodeScalarView(field.dropFirst()) : field)
  }

  private static func text(in path: String) throws -> String {
    do { return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self) } catch {
      throw CopurError(.missingInput, "\(path): the results cannot be read", cause: error)
    }
  }
}
