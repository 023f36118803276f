internal import CopurCore
package import Foundation

extension SampleSet {
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
