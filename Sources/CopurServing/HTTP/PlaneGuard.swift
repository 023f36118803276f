internal import Synchronization

/// What the HTTP plane holds against its peers, and how often: connections by address, and time.
final class PlaneGuard: Sendable {
  /// A rule for whose breach a connection is closed.
  enum Rule: String, CaseIterable {
    /// Too many connections from one address.
    case connectionsPerPeer = "connections-per-peer"
    /// A request's head, with the TLS handshake before the first one, was not there in time.
    case headTimeout = "head-timeout"
    /// A request's body was not there in time.
    case bodyTimeout = "body-timeout"
    /// The peer did not take what was sent.
    case writeStall = "write-stall"
  }

  private struct State {
    var connections: [String: Int] = [:]
    var refusals: [Rule: Int] = [:]
  }

  private let limit: Int
  private let state = Mutex(State())

  /// - Parameter limit: The most connections from one address.
  init(limit: Int) { self.limit = limit }

  /// A connection came.
  ///
  /// - Returns: Whether there is room for it; if so, ``closed(peer:)`` follows.
  func opened(peer: String) -> Bool {
    state.withLock { state in
      let count = state.connections[peer, default: 0]
      guard count < limit else { return false }
      state.connections[peer] = count + 1
      return true
    }
  }

  /// A connection that was taken in is closed.
  func closed(peer: String) {
    state.withLock { state in
      let count = state.connections[peer, default: 0]
      state.connections[peer] = count > 1 ? count - 1 : nil
    }
  }

  /// A peer was refused.
  func refused(_ rule: Rule) { state.withLock { $0.refusals[rule, default: 0] += 1 } }

  /// How often each rule was the reason, all rules in a fixed order.
  var refusals: [(rule: String, count: Int)] {
    let refusals = state.withLock { $0.refusals }
    return Rule.allCases.map { (rule: $0.rawValue, count: refusals[$0] ?? 0) }
  }
}
