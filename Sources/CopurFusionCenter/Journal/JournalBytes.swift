internal import CopurCore
package import Foundation

/// Numbers as they lie in a journal's blobs: little-endian, as in memory on every platform that is supported.
package enum JournalBytes {
  /// The bytes of numbers.
  package static func data<Number: BitwiseCopyable>(_ numbers: [Number]) -> Data {
    numbers.withUnsafeBytes { Data($0) }
  }

  /// The numbers of bytes.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` if the bytes are no whole count of numbers.
  package static func numbers<Number: BitwiseCopyable>(_ data: Data, of _: Number.Type) throws -> [Number] {
    let size = MemoryLayout<Number>.size
    return try data.withUnsafeBytes { bytes in
      guard bytes.count % size == 0 else { throw brokenList(bytes.count, size: size) }
      return [Number](unsafeUninitializedCapacity: bytes.count / size) { buffer, count in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
        count = bytes.count / size
      }
    }
  }

  static func brokenList(_ count: Int, size: Int) -> CopurError {
    CopurError(.invalidData, "a list of numbers is a multiple of \(size) bytes long (actual: \(count))")
  }
}

/// Reads numbers one after the other; never beyond the end.
struct JournalByteReader {
  private let data: Data
  private var offset: Int

  init(_ data: Data) {
    self.data = data
    offset = data.startIndex
  }

  var isAtEnd: Bool { offset == data.endIndex }

  /// - Throws: ``CopurError`` of code `.invalidData` at the end.
  mutating func next<Number: BitwiseCopyable>(_: Number.Type) throws -> Number {
    let size = MemoryLayout<Number>.size
    guard data.endIndex - offset >= size else {
      throw CopurError(.invalidData, "a record ends too early (needed: \(size) bytes, left: \(data.endIndex - offset))")
    }
    defer { offset += size }
    return data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset - data.startIndex, as: Number.self) }
  }

  mutating func next<Number: BitwiseCopyable>(_ count: Int, _: Number.Type) throws -> [Number] {
    var numbers: [Number] = []
    for _ in 0..<count { numbers.append(try next(Number.self)) }
    return numbers
  }
}
