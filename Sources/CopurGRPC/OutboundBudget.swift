internal import Synchronization

/// The bytes that the calls of a connection may have waiting for a peer that does not read.
///
/// Each call has its share and needs to know of no other's queue. Calls that filled theirs while they were fewer keep
/// what they have until it is read, so that the sum can be over the budget by its logarithm.
package final class OutboundBudget: Sendable {
  /// The most that one call has, which keeps a connection busy: 256 KiB.
  package static let largestShare = 256 << 10

  private let bytes: Int
  private let calls = Atomic<Int>(0)

  /// - Parameter bytes: The budget of the connection, in bytes.
  package init(bytes: Int) {
    self.bytes = bytes
  }

  package func callBegan() { calls.add(1, ordering: .relaxed) }

  package func callEnded() { calls.subtract(1, ordering: .relaxed) }

  /// The bytes that a call may have waiting before its writers wait; at least one.
  package var share: Int {
    // A call's bytes are in two places: those that the handler has written, and those that the stream has taken.
    let places = 2 * max(1, calls.load(ordering: .relaxed))
    return max(1, min(Self.largestShare, bytes / places))
  }
}
