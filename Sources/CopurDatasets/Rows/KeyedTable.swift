internal import CopurCore
public import CopurNumerics
internal import Foundation

/// A table whose rows are known by a key: one party's features, or the labels.
public struct KeyedTable {
  /// The key of each row, without blanks around it.
  public let keys: [String]

  private let path: String
  private let reader: CSVReader
  private let keyColumn: Int

  /// - Parameter key: The column with the keys.
  /// - Throws: ``CopurError``: `.missingInput` if the file cannot be read; `.invalidData` if it is no table with that column.
  public init(reading path: String, key: String) throws {
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw CopurError(.missingInput, "\(path): the rows cannot be read")
    }
    self.path = path
    reader = try CSVReader(file: path, bytes: try FileBytes.read(path))
    keyColumn = try Self.column(key, in: reader, path: path)
    var (rows, keys) = (reader, [String]())
    while try rows.next() {
      let text = rows.text(keyColumn).trimmingCharacters(in: .whitespaces)
      guard !text.isEmpty else { throw rows.invalid(keyColumn, rule: "the row's key") }
      keys.append(text)
    }
    self.keys = keys
  }

  private static func column(_ name: String, in reader: CSVReader, path: String) throws -> Int {
    guard let place = reader.columns.firstIndex(of: name) else {
      throw CopurError(
        .invalidData,
        "\(path): the header has a column \"\(name)\" (actual: \(reader.columns.prefix(8).joined(separator: ", ")))"
          + Suggestion.clause(for: name, in: reader.columns))
    }
    return place
  }

  /// The features of all rows.
  ///
  /// - Parameter columns: Their names; nil for all columns but the key.
  /// - Returns: The names, and [n, width] with NaN for missing values.
  /// - Throws: ``CopurError`` of code `.invalidData`, with file, row and column, if one is no number.
  public func features(columns names: [String]?) throws -> (columns: [String], features: Matrix) {
    let places =
      try names?.map { try Self.column($0, in: reader, path: path) }
      ?? reader.columns.indices.filter { $0 != keyColumn }
    guard !places.isEmpty, !places.contains(keyColumn) else {
      throw CopurError(.invalidArgument, "\(path): an agent has at least one feature, and the key is none")
    }
    var (rows, values) = (reader, [Float]())
    values.reserveCapacity(keys.count * places.count)
    while try rows.next() {
      for place in places { values.append(try rows.number(place)) }
    }
    return (
      places.map { reader.columns[$0] }, Matrix(rows: keys.count, columns: places.count, values: values)
    )
  }

  /// Texts of a column, row by row, without blanks around them.
  public func texts(column: String) throws -> [String] {
    let place = try Self.column(column, in: reader, path: path)
    var (rows, texts) = (reader, [String]())
    while try rows.next() { texts.append(rows.text(place).trimmingCharacters(in: .whitespaces)) }
    return texts
  }

  /// The class of each row, from 0.
  ///
  /// - Parameter classes: What can stand in the column; a class's number is its place, and its number may stand there, too.
  /// - Throws: ``CopurError`` of code `.invalidData`, with file and row, if something else stands there.
  public func labels(column: String, classes: [String]) throws -> [Int] {
    let place = try Self.column(column, in: reader, path: path)
    var (rows, labels) = (reader, [Int]())
    while try rows.next() {
      let text = rows.text(place).trimmingCharacters(in: .whitespaces)
      guard let label = classes.firstIndex(of: text) ?? Int(text).flatMap({ classes.indices.contains($0) ? $0 : nil })
      else { throw rows.invalid(place, rule: "one of \(classes.joined(separator: ", ")), or its number from 0") }
      labels.append(label)
    }
    return labels
  }
}
