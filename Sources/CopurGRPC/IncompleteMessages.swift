internal import Synchronization

/// The bytes of messages that have begun and not ended, of each peer over all of its streams and connections.
///
/// A message that is not complete gets credit all the same, or it would never be: so a peer that begins many and ends none
/// is held back by this limit and nothing else.
package final class IncompleteMessages: Sendable {
  /// The peers that bytes are counted for.
  package enum Peer: Hashable, Sendable {
    /// A certificate's: one party.
    case principal(String)
    /// An address without a certificate: behind it there may be hundreds of parties.
    case address(String)
  }

  /// The most bytes a principal, an address without one, and all of them.
  package struct Limits: Sendable {
    package var principal: Int
    package var address: Int
    package var total: Int

    package init(principal: Int, address: Int, total: Int) {
      (self.principal, self.address, self.total) = (principal, address, total)
    }
  }

  private struct State {
    var bytes: [Peer: Int] = [:]
    var total = 0
  }

  /// The limits, each at least what one message may be long.
  package let limits: Limits
  private let state = Mutex(State())

  package init(limits: Limits) { self.limits = limits }

  /// The most bytes of a peer.
  package func limit(of peer: Peer) -> Int {
    switch peer {
    case .principal: min(limits.principal, limits.total)
    case .address: min(limits.address, limits.total)
    }
  }

  /// More bytes of a peer wait for the end of their messages, or fewer.
  ///
  /// - Returns: Whether there is room for them; if not, nothing is counted.
  package func changed(by difference: Int, of peer: Peer) -> Bool {
    state.withLock { state in
      let now = state.bytes[peer, default: 0] + difference
      guard difference < 0 || now <= limit(of: peer) && state.total + difference <= limits.total else { return false }
      state.bytes[peer] = now > 0 ? now : nil
      state.total += difference
      return true
    }
  }

  /// The number of bytes of a peer that wait.
  package func count(of peer: Peer) -> Int { state.withLock { $0.bytes[peer, default: 0] } }

  /// The number of bytes of all peers that wait.
  package var total: Int { state.withLock { $0.total } }
}
