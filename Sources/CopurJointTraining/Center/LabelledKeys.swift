internal import CopurCore
public import Foundation

/// The rows that a fusion center has labels for, each under the keyed digest of its key.
public struct LabelledKeys: Sendable {
  /// The keyed digests of the rows' keys, in order, ``KeyedDigest/count`` bytes each.
  public let digests: [Data]
  /// The class of each row, from 0.
  public let labels: [Int]
  /// The number of each row by its digest.
  let numbers: [Data: Int]

  /// - Throws: ``CopurError`` of code `.invalidData` if a digest comes twice, or there is no row.
  public init(digests: [Data], labels: [Int]) throws {
    precondition(digests.count == labels.count)
    guard !digests.isEmpty else { throw CopurError(.invalidData, "labels are of at least one row (actual: none)") }
    var numbers: [Data: Int] = [:]
    for (number, digest) in digests.enumerated() {
      if let other = numbers.updateValue(number, forKey: digest) {
        throw CopurError(
          .invalidData, "a row has a key of its own (rows \(other + 1) and \(number + 1) of the labels share one)")
      }
    }
    self.digests = digests
    self.labels = labels
    self.numbers = numbers
  }

  /// SHA-256 (hexadecimal) over digests and labels.
  var digest: String {
    let digest = SHA256Digest()
    for (key, label) in zip(digests, labels) {
      key.withUnsafeBytes { digest.update($0) }
      withUnsafeBytes(of: UInt64(label).littleEndian) { digest.update($0) }
    }
    return digest.hexadecimal()
  }
}
