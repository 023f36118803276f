internal import CopurCore

/// NumPy's arrays as a table: an array of n numbers is a column with its name, one of n × d numbers is the columns `NAME_0` to
/// `NAME_d−1`.
///
/// Arrays of an archive have a row each of the same n; those of other dimensions are passed over.
struct ArrayRows: TableRows {
  let file: String
  let columns: [String]
  private let values: [[Double]]
  private let count: Int
  private var row = -1

  /// - Parameters:
  ///   - file: The file's name for messages: one that ends in `.npz` is an archive, any other one array, whose columns are `x_0` and
  ///     so on.
  ///   - bytes: Its content.
  /// - Throws: ``CopurError`` of code `.invalidData` if it breaks its format, or arrays have different numbers of rows.
  init(file: String, bytes: [UInt8]) throws {
    self.file = file
    let arrays =
      file.hasSuffix(".npz")
      ? try NumpyArchive(file: file, bytes: bytes).arrays : ["x": try NumpyArray(file: file, bytes: bytes[...])]
    var (names, values): ([String], [[Double]]) = ([], [])
    var count: Int?
    for (name, array) in arrays.sorted(by: { $0.key < $1.key }) where [1, 2].contains(array.shape.count) {
      let rows = array.shape[0]
      guard count == nil || count == rows else {
        throw CopurError(
          .invalidData,
          "\(file): arrays of a table have one number of rows (\"\(name)\": \(rows), those before: \(count!))")
      }
      count = rows
      let numbers = array.values
      guard array.shape.count == 2 else {
        names.append(name)
        values.append(numbers)
        continue
      }
      let width = array.shape[1]
      for column in 0..<width {
        names.append("\(name)_\(column)")
        values.append((0..<rows).map { numbers[$0 * width + column] })
      }
    }
    guard let count, !names.isEmpty else {
      throw CopurError(
        .invalidData,
        "\(file): a table's arrays have one dimension or two (actual: "
          + "\(arrays.keys.sorted().map { "\($0) \(arrays[$0]!.shape)" }.joined(separator: ", ")))")
    }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw CopurError(.invalidData, "\(file): a column is named once (twice: \"\(name)\")")
    }
    (columns, self.values, self.count) = (names, values, count)
  }

  mutating func next() -> Bool {
    row += 1
    return row < count
  }

  /// A whole number is written without a fraction, as labels are.
  func text(_ column: Int) -> String {
    let value = values[column][row]
    return Int(exactly: value).map(String.init) ?? "\(value)"
  }

  func number(_ column: Int) throws -> Float {
    let value = Float(values[column][row])
    guard !value.isInfinite else {
      throw invalid(column, rule: "a finite number in the range of single precision, or NaN")
    }
    return value
  }

  func isMissing(_ text: String) -> Bool { text == "nan" }

  func invalid(_ column: Int, rule: String) -> CopurError {
    CopurError(
      .invalidData, "\(file): row \(row): column \"\(columns[column])\": expected \(rule) (actual: \"\(text(column))\")"
    )
  }
}
