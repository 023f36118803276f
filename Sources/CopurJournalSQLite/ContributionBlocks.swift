internal import CopurCore
internal import CopurFusionCenter
internal import Foundation
internal import GRDB

/// The blocks of a row of the table `contribution`.
struct ContributionBlocks {
  private(set) var samples: [UInt64]
  private(set) var hashes: [UInt64]
  /// The blocks, one after the other in the order of the samples.
  private(set) var values: [Float]

  /// - Parameter row: One with all columns of the table.
  /// - Throws: ``CopurError`` of code `.invalidData` if there is not one hash and one block of equal width a sample.
  init(_ row: Row) throws {
    samples = try JournalBytes.numbers(row["samples"], of: UInt64.self)
    hashes = try JournalBytes.numbers(row["hashes"], of: UInt64.self)
    values = try JournalBytes.numbers(row["payload"], of: Float.self)
    guard !samples.isEmpty, hashes.count == samples.count, !values.isEmpty, values.count % samples.count == 0 else {
      throw CopurError(
        .invalidData,
        "a hash and a block a sample (samples: \(samples.count), hashes: \(hashes.count), values: \(values.count))")
    }
  }

  /// The blocks of other rounds than those that were pruned; nil: there is none.
  func without(_ pruned: SampleSet?) -> ContributionBlocks? {
    guard let pruned else { return self }
    let left = samples.indices.filter { !pruned.contains(samples[$0]) }
    guard left.count < samples.count else { return self }
    guard !left.isEmpty else { return nil }
    let width = values.count / samples.count
    var blocks = self
    blocks.samples = left.map { samples[$0] }
    blocks.hashes = left.map { hashes[$0] }
    blocks.values = left.flatMap { values[$0 * width..<($0 + 1) * width] }
    return blocks
  }
}
