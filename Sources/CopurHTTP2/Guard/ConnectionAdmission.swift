package import NIOCore
internal import Synchronization

/// Counts a listener's connections, in all and by address, and those whose TLS handshake has not ended.
package final class ConnectionAdmission: Sendable {
  /// A connection that gives way to a new one.
  package struct GivingWay: Sendable {
    /// Why.
    package var violation: ConnectionGuard.Violation
    /// Its peer's address without the port.
    package var peer: String
    /// Closes it.
    package var close: @Sendable () -> Void
  }

  private struct Handshake {
    var peer: String
    var began: NIODeadline
    var close: @Sendable () -> Void
  }

  private struct State {
    var total = 0
    var byPeer: [String: Int] = [:]
    /// By number, in the order in which they began.
    var handshakes: [Int: Handshake] = [:]
    var handshakesByPeer: [String: Int] = [:]
    var next = 0

    /// Forgets a handshake, if it is known.
    mutating func forget(_ number: Int) -> Handshake? {
      guard let handshake = handshakes.removeValue(forKey: number) else { return nil }
      let count = handshakesByPeer[handshake.peer, default: 0]
      handshakesByPeer[handshake.peer] = count > 1 ? count - 1 : nil
      return handshake
    }

    /// The oldest handshake, of one address or of all.
    func oldest(of peer: String?) -> (number: Int, began: NIODeadline)? {
      var oldest: Int?
      for (number, handshake) in handshakes where peer == nil || handshake.peer == peer {
        oldest = min(oldest ?? number, number)
      }
      return oldest.map { ($0, handshakes[$0]!.began) }
    }
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

  /// A connection that was taken in begins its TLS handshake.
  ///
  /// One that is honest takes some milliseconds. So where there is no room, the oldest one gives way if it has had its
  /// time; else the new one is refused, as many honest ones may come at once and are to get somewhere.
  ///
  /// - Parameters:
  ///   - peer: The peer's address without its port.
  ///   - now: The time.
  ///   - close: Closes the connection.
  /// - Returns: The handshake's number for ``handshakeEnded(_:)``, and a connection that has to be closed for it.
  /// - Throws: The rule that refuses it.
  package func handshakeBegan(
    peer: String, at now: NIODeadline, close: @escaping @Sendable () -> Void
  ) throws(ConnectionGuard.Violation) -> (number: Int, givingWay: GivingWay?) {
    try state.withLock { (state) throws(ConnectionGuard.Violation) in
      var givingWay: GivingWay?
      if let (violation, crowd) = crowding(state, peer: peer) {
        guard let oldest = state.oldest(of: crowd), oldest.began + TimeAmount(limits.handshakeAge) <= now,
          let handshake = state.forget(oldest.number)
        else { throw violation }
        givingWay = GivingWay(violation: violation, peer: handshake.peer, close: handshake.close)
      }
      let number = state.next
      state.next += 1
      state.handshakes[number] = Handshake(peer: peer, began: now, close: close)
      state.handshakesByPeer[peer, default: 0] += 1
      return (number, givingWay)
    }
  }

  /// The rule that one more handshake breaks, and of which address the oldest one is in its way; nil: of any.
  private func crowding(_ state: State, peer: String) -> (ConnectionGuard.Violation, peer: String?)? {
    if state.handshakesByPeer[peer, default: 0] >= limits.maximumHandshakesPerPeer {
      return (
        .init(.handshakesPerPeer, "TLS handshakes of an address (max: \(limits.maximumHandshakesPerPeer))"), peer
      )
    }
    guard state.handshakes.count >= limits.maximumHandshakes else { return nil }
    return (.init(.handshakes, "TLS handshakes of the server (max: \(limits.maximumHandshakes))"), nil)
  }

  /// A handshake has ended, or its connection is closed.
  package func handshakeEnded(_ number: Int) { state.withLock { _ = $0.forget(number) } }
}
