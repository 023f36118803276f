internal import Synchronization

/// Counts a listener's connections, in all and by address.
package final class ConnectionAdmission: Sendable {
  private struct State {
    var total = 0
    var byPeer: [String: Int] = [:]
  }

  private let limits: HTTP2Configuration
  private let state = Mutex(State())

  /// Creates the count of a listener without connections.
  package init(_ limits: HTTP2Configuration) {
    self.limits = limits
  }

  /// Takes a connection in.
  ///
  /// - Parameter peer: The peer's address without its port.
  /// - Throws: The rule that refuses it. If nothing is thrown, ``closed(peer:)`` has to be called in the end.
  package func opened(peer: String) throws(ConnectionGuard.Violation) {
    try state.withLock { (state) throws(ConnectionGuard.Violation) in
      guard state.total < limits.maximumConnections else {
        throw .init(.connections, "connections of the server (max: \(limits.maximumConnections))")
      }
      let count = state.byPeer[peer, default: 0]
      guard count < limits.maximumConnectionsPerPeer else {
        throw .init(.connectionsPerPeer, "connections of an address (max: \(limits.maximumConnectionsPerPeer))")
      }
      state.total += 1
      state.byPeer[peer] = count + 1
    }
  }

  /// Forgets a connection that was taken in.
  package func closed(peer: String) {
    state.withLock { state in
      state.total -= 1
      state.byPeer[peer]! -= 1
      if state.byPeer[peer] == 0 { state.byPeer[peer] = nil }
    }
  }
}
