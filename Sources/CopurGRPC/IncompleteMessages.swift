internal import Synchronization

/// The bytes of messages that have begun and not ended, of each peer over all of its streams and connections.
///
/// A message that is not complete gets credit all the same, or it would never be: so a peer that begins many and ends none
/// is held back by this limit and nothing else.
package final class IncompleteMessages: Sendable {
  /// The most bytes a peer.
  package let limit: Int
  private let bytes = Mutex<[String: Int]>([:])

  /// - Parameter limit: At least what one message may be long.
  package init(limit: Int) { self.limit = limit }

  /// More bytes of a peer wait for the end of their messages, or fewer.
  ///
  /// - Parameter peer: The principal, or the address of one that has none.
  /// - Returns: Whether there is room for them; if not, nothing is counted.
  package func changed(by difference: Int, of peer: String) -> Bool {
    bytes.withLock { bytes in
      let now = bytes[peer, default: 0] + difference
      guard difference < 0 || now <= limit else { return false }
      bytes[peer] = now > 0 ? now : nil
      return true
    }
  }

  /// How many bytes of a peer wait.
  package func count(of peer: String) -> Int { bytes.withLock { $0[peer, default: 0] } }
}
