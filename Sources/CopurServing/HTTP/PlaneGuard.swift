internal import NIOCore
internal import Synchronization

/// The limits that the HTTP plane holds against its peers, and counts of their breaches: connections in all and by address,
/// those that wait for a request, and time.
///
/// A connection waits until it has brought a request's head, and after each answer. Where there is no room, the one that
/// has waited longest gives way, if it has had its time: so whoever holds connections without asking for anything keeps
/// nobody out.
final class PlaneGuard: Sendable {
  /// A rule for whose breach a connection is closed.
  enum Rule: String, CaseIterable {
    /// Too many connections.
    case connections
    /// Too many connections from one address.
    case connectionsPerPeer = "connections-per-peer"
    /// A request's head, with the TLS handshake before the first one, was not there in time.
    case headTimeout = "head-timeout"
    /// A request's body was not there in time.
    case bodyTimeout = "body-timeout"
    /// The peer did not take what was sent.
    case writeStall = "write-stall"
    /// More wrong tokens than may be answered slowly.
    case wrongTokens = "wrong-tokens"
  }

  /// The most connections.
  struct Limits: Sendable {
    var connections: Int
    var perPeer: Int
    /// The time that a connection may wait before it gives way to a new one.
    var patience = TimeAmount.seconds(1)
    /// The wrong tokens that are answered slowly at a time, in all and of one address.
    var slowAnswers = (total: 64, perPeer: 16)
  }

  private struct Connection {
    var peer: String
    /// Since when it waits for a request; nil: it has one.
    var waitsSince: NIODeadline?
    var close: @Sendable () -> Void
  }

  private struct State {
    var connections: [ObjectIdentifier: Connection] = [:]
    var byPeer: [String: Int] = [:]
    var slowAnswers: [String: Int] = [:]
    var refusals: [Rule: Int] = [:]

    mutating func forget(_ id: ObjectIdentifier) -> Connection? {
      guard let connection = connections.removeValue(forKey: id) else { return nil }
      let count = byPeer[connection.peer, default: 0]
      byPeer[connection.peer] = count > 1 ? count - 1 : nil
      return connection
    }

    /// The connection that has waited longest, of one address or of all.
    func longestWaiting(of peer: String?) -> (id: ObjectIdentifier, since: NIODeadline)? {
      var longest: (id: ObjectIdentifier, since: NIODeadline)?
      for (id, connection) in connections where peer == nil || connection.peer == peer {
        guard let since = connection.waitsSince, longest.map({ since < $0.since }) ?? true else { continue }
        longest = (id, since)
      }
      return longest
    }
  }

  private let limits: Limits
  private let state = Mutex(State())

  init(limits: Limits) { self.limits = limits }

  /// A connection came.
  ///
  /// - Parameters:
  ///   - id: Its channel's.
  ///   - peer: The address of its other end.
  ///   - now: The time.
  ///   - close: Closes it.
  /// - Returns: Whether there is room for it; if so, ``closed(_:)`` follows.
  func opened(
    _ id: ObjectIdentifier, peer: String, at now: NIODeadline, close: @escaping @Sendable () -> Void
  ) -> Bool {
    let (isTaken, givingWay) = state.withLock { state -> (Bool, Connection?) in
      let rule: Rule? =
        if state.byPeer[peer, default: 0] >= limits.perPeer {
          .connectionsPerPeer
        } else if state.connections.count >= limits.connections {
          .connections
        } else {
          nil
        }
      var givingWay: Connection?
      if let rule {
        state.refusals[rule, default: 0] += 1
        guard let longest = state.longestWaiting(of: rule == .connections ? nil : peer),
          longest.since + limits.patience <= now
        else { return (false, nil) }
        givingWay = state.forget(longest.id)
      }
      state.connections[id] = Connection(peer: peer, waitsSince: now, close: close)
      state.byPeer[peer, default: 0] += 1
      return (true, givingWay)
    }
    givingWay?.close()
    return isTaken
  }

  /// A connection has brought a request, or its answer has been sent and it waits for another one.
  func waits(_ id: ObjectIdentifier, since time: NIODeadline?) {
    state.withLock { $0.connections[id]?.waitsSince = time }
  }

  /// A connection that was taken in is closed.
  func closed(_ id: ObjectIdentifier) { state.withLock { _ = $0.forget(id) } }

  /// A peer was refused.
  func refused(_ rule: Rule) { state.withLock { $0.refusals[rule, default: 0] += 1 } }

  /// A wrong token is to be answered slowly, which takes a connection and little else.
  ///
  /// - Returns: Whether there is room for that; if so, ``slowAnswerEnded(peer:)`` follows.
  func slowAnswerBegan(peer: String) -> Bool {
    state.withLock { state in
      let count = state.slowAnswers[peer, default: 0]
      guard count < limits.slowAnswers.perPeer,
        state.slowAnswers.values.reduce(0, +) < limits.slowAnswers.total
      else {
        state.refusals[.wrongTokens, default: 0] += 1
        return false
      }
      state.slowAnswers[peer] = count + 1
      return true
    }
  }

  /// A wrong token has been answered.
  func slowAnswerEnded(peer: String) {
    state.withLock { state in
      let count = state.slowAnswers[peer, default: 0]
      state.slowAnswers[peer] = count > 1 ? count - 1 : nil
    }
  }

  /// The number of times that each rule was the reason, all rules in a fixed order.
  var refusals: [(rule: String, count: Int)] {
    let refusals = state.withLock { $0.refusals }
    return Rule.allCases.map { (rule: $0.rawValue, count: refusals[$0] ?? 0) }
  }

  /// The number of connections.
  var count: Int { state.withLock { $0.connections.count } }
}
