internal import CopurCore
internal import CopurNumerics

/// Lines of numbers separated by blanks or tabs, of which only those asked for are parsed.
struct NumberTable {
  private let file: String
  private let bytes: [UInt8]
  /// The range of each line, its end excluded.
  private let lines: [Range<Int>]

  /// The number of lines; empty ones at the end do not count.
  var count: Int { lines.count }

  /// - Throws: ``CopurError`` of code `.invalidData` if an empty line is followed by another one.
  init(file: String, bytes: [UInt8]) throws {
    self.file = file
    self.bytes = bytes
    var lines: [Range<Int>] = []
    var firstEmpty: Int?
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      if bytes[start..<end].allSatisfy(Self.isBlank) {
        firstEmpty = firstEmpty ?? lines.count
      } else if let firstEmpty {
        throw CopurError(.invalidData, "\(file): no row is empty but at the end (empty: row \(firstEmpty + 1))")
      } else {
        lines.append(start..<end)
      }
      start = end + 1
    }
    self.lines = lines
  }

  /// The numbers of some lines, [rows, columns].
  ///
  /// - Throws: ``CopurError`` of code `.invalidData`, with file, row and column (from 1), if one of these lines has another
  ///   number of columns, or something in it is no finite number.
  func parse(rows: [Int], columns: Int) throws -> Matrix {
    var matrix = Matrix(rows: rows.count, columns: columns)
    for (row, number) in rows.enumerated() {
      var column = 0
      var position = lines[number].lowerBound
      let end = lines[number].upperBound
      while let start = bytes[position..<end].firstIndex(where: { !Self.isBlank($0) }) {
        position = bytes[start..<end].firstIndex(where: Self.isBlank) ?? end
        guard let value = DecimalNumber.parse(bytes[start..<position]), Float(value).isFinite else {
          let text = String(decoding: bytes[start..<min(position, start + 40)], as: UTF8.self)
          throw CopurError(
            .invalidData, "\(file): a finite number (actual: \"\(text)\", row \(number + 1), column \(column + 1))")
        }
        if column < columns { matrix[row, column] = Float(value) }
        column += 1
      }
      guard column == columns else {
        throw CopurError(
          .invalidData, "\(file): a row has \(columns) numbers (actual: \(column), row \(number + 1))")
      }
    }
    return matrix
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }
}
