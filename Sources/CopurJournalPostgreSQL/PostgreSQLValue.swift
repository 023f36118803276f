internal import CLibPQ
internal import Foundation

/// A value as it is sent to the database, in its binary form.
struct PostgreSQLValue {
  /// The number of its type in `pg_type`.
  let type: Oid
  let bytes: [UInt8]

  static func integer(_ number: Int64) -> PostgreSQLValue {
    PostgreSQLValue(type: 20, bytes: number.networkBytes)
  }

  static func text(_ text: String) -> PostgreSQLValue {
    PostgreSQLValue(type: 25, bytes: Array(text.utf8))
  }

  static func bytes(_ data: Data) -> PostgreSQLValue {
    PostgreSQLValue(type: 17, bytes: Array(data))
  }

  static func integers(_ numbers: [Int64]) -> PostgreSQLValue {
    array(numbers.map(\.networkBytes), type: 1016, of: 20)
  }

  static func texts(_ texts: [String]) -> PostgreSQLValue {
    array(texts.map { Array($0.utf8) }, type: 1009, of: 25)
  }

  static func bytes(_ list: [Data]) -> PostgreSQLValue {
    array(list.map(Array.init), type: 1001, of: 17)
  }

  /// One dimension, no nulls, counted from 1 (`array_recv` in PostgreSQL's arrayfuncs.c).
  private static func array(_ elements: [[UInt8]], type: Oid, of element: Oid) -> PostgreSQLValue {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(elements.reduce(20) { $0 + 4 + $1.count })
    for number in [elements.isEmpty ? 0 : 1, 0, Int32(element)] { bytes += number.networkBytes }
    if !elements.isEmpty { bytes += Int32(elements.count).networkBytes + Int32(1).networkBytes }
    for value in elements {
      bytes += Int32(value.count).networkBytes
      bytes += value
    }
    return PostgreSQLValue(type: type, bytes: bytes)
  }
}

extension FixedWidthInteger {
  /// The number as it is sent: the highest byte first.
  fileprivate var networkBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
