import CopurCore
import Foundation

/// The times at which an agent sent each sample's block and had its receipt, in ``MonotonicTime``; 0: not.
struct BlockTimes {
  private(set) var sent: [Int64] = []
  private(set) var received: [Int64] = []

  mutating func sent(_ samples: Range<Int>, at time: Int64) {
    let missing = samples.upperBound - sent.count
    if missing > 0 {
      sent += [Int64](repeating: 0, count: missing)
      received += [Int64](repeating: 0, count: missing)
    }
    for sample in samples { sent[sample] = time }
  }

  mutating func received(_ samples: Range<Int>, at time: Int64) {
    for sample in samples { received[sample] = time }
  }

  /// The later of two agents' times, sample by sample; a sample that either has no time of has none.
  mutating func formLatest(with other: BlockTimes) {
    func latest(_ a: [Int64], _ b: [Int64]) -> [Int64] { zip(a, b).map { $0 == 0 || $1 == 0 ? 0 : max($0, $1) } }
    sent = latest(sent, other.sent)
    received = latest(received, other.received)
  }

  func write(to file: URL) throws {
    try (sent + received).withUnsafeBytes { try Data($0).write(to: file) }
  }

  init() {}

  init(reading file: URL) throws {
    let data = try Data(contentsOf: file)
    let count = data.count / 16
    guard data.count == count * 16 else {
      throw CopurError(.software, "\(file.path): two times a sample (bytes: \(data.count))")
    }
    let times = data.withUnsafeBytes { bytes in
      (0..<2 * count).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self) }
    }
    (sent, received) = (Array(times[..<count]), Array(times[count...]))
  }
}
