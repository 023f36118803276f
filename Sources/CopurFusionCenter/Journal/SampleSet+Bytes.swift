internal import CopurCore
package import Foundation

extension SampleSet {
  /// Adds numbers as they lie in a journal's blob, without a list of them on the way.
  ///
  /// - Throws: ``CopurError`` of code `.invalidData` if the bytes are no whole count of numbers.
  package mutating func insert(numbers: Data) throws {
    try numbers.withUnsafeBytes { bytes in
      let size = MemoryLayout<UInt64>.size
      guard bytes.count.isMultiple(of: size) else { throw JournalBytes.brokenList(bytes.count, size: size) }
      for offset in stride(from: 0, to: bytes.count, by: size) {
        insert(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      }
    }
  }

  /// The set as journals have it of pruned rounds: the first and the last number of each range, ascending.
  package var bytes: Data { JournalBytes.data(ranges.flatMap { [$0.lowerBound, $0.upperBound] }) }

  /// - Throws: ``CopurError`` of code `.invalidData` if the bytes are no ranges that ascend.
  package init(bytes: Data) throws {
    let ends = try JournalBytes.numbers(bytes, of: UInt64.self)
    let pairs = stride(from: 0, to: ends.count - 1, by: 2).map { (ends[$0], ends[$0 + 1]) }
    guard ends.count.isMultiple(of: 2), pairs.allSatisfy({ $0 <= $1 }),
      let set = SampleSet(ranges: pairs.map { $0...$1 })
    else { throw CopurError(.invalidData, "what was pruned are ranges of numbers that ascend") }
    self = set
  }
}
