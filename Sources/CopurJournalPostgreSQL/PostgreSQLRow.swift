internal import CopurCore
internal import Foundation

/// A row of a result, in the binary form of its values.
struct PostgreSQLRow {
  /// The columns in their order; nil: null.
  let columns: [Data?]

  /// - Throws: ``CopurError`` of code `.invalidData` if the column is null or no 64-bit number.
  func integer(_ column: Int) throws -> Int64 {
    let bytes = try data(column)
    guard bytes.count == 8 else {
      throw CopurError(
        .invalidData, "a number has 8 bytes (column: \(column), actual: \(bytes.count))")
    }
    return bytes.reduce(0) { $0 << 8 | Int64($1) }
  }

  /// - Throws: ``CopurError`` of code `.invalidData` if the column is null.
  func bool(_ column: Int) throws -> Bool { try data(column).first == 1 }

  /// - Throws: ``CopurError`` of code `.invalidData` if the column is null.
  func text(_ column: Int) throws -> String { String(decoding: try data(column), as: UTF8.self) }

  /// - Throws: ``CopurError`` of code `.invalidData` if the column is null.
  func data(_ column: Int) throws -> Data {
    guard let data = columns[column] else {
      throw CopurError(.invalidData, "column \(column) is null")
    }
    return data
  }
}
