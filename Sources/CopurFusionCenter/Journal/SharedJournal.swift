/// A journal to which several fusion centers write at once, each in the sessions that are its own.
///
/// A session is one center's by a lease. It changes hands once its center has not renewed its leases for as long as they last;
/// each time its fencing token grows, and a group with an older token is refused (``SessionsLost``). So whatever a center that
/// was stopped or cut off still has in hand is never stored beside what its successor stored.
public protocol SharedJournal: Journal {
  /// The time from one ``renew()`` to the next; a part of the time that leases last.
  var renewalInterval: Duration { get }

  /// The address by which other centers name this one.
  var address: String { get }

  /// Asks for a session that is not this center's yet; for a new one, and for one whose center is gone, it is granted.
  ///
  /// - Parameter rounds: As for `recover(remembering:)`.
  /// - Throws: ``JournalUnreachable``; else as `recover(remembering:)`.
  func claim(_ session: String, remembering rounds: Int) async throws -> SessionClaim

  /// Says which other center has a session; asks for nothing.
  ///
  /// - Returns: Nil: it is nobody's, or this one's.
  /// - Throws: As ``claim(_:remembering:)``.
  func holder(of session: String) async throws -> SessionHolder?

  /// Says that this center is alive, for all of its sessions. May be called while other calls wait.
  ///
  /// - Returns: Whether ``reconcile(remembering:takesOver:)`` has something to tell.
  /// - Throws: ``JournalUnreachable``; `CopurError` if another center of the same address has begun, after which nothing may
  ///   be appended any more.
  func renew() async throws -> Bool

  /// Finds out which sessions others have taken over, and takes over those of centers that are gone.
  ///
  /// - Parameters:
  ///   - rounds: As for `recover(remembering:)`.
  ///   - takesOver: Whether sessions are taken over.
  /// - Throws: ``JournalUnreachable``; else as `recover(remembering:)`.
  func reconcile(remembering rounds: Int, takesOver: Bool) async throws -> LeaseChanges
}

/// The answer to a center that asked for a session.
public enum SessionClaim: Sendable {
  /// It is the center's; what there is of it, with its token.
  case granted(JournalRecovery)
  /// It is another's.
  case held(SessionHolder)
}

/// The fusion center that a session is of.
public struct SessionHolder: Sendable, Hashable {
  /// Its address, as it was told.
  public let address: String
  /// The time since it last renewed its leases.
  public let unheard: Duration
  /// The time that its leases last without a renewal; over 0.
  public let lease: Duration

  /// - Parameters:
  ///   - unheard: How long ago it last renewed its leases.
  ///   - lease: How long its leases last without a renewal; over 0.
  public init(address: String, unheard: Duration, lease: Duration) {
    self.address = address
    self.unheard = unheard
    self.lease = lease
  }

  /// Whether it has missed a renewal, of which there are four in a lease, and is perhaps gone: whoever waits may find the session
  /// elsewhere.
  public var isLate: Bool { unheard * 3 > lease }
}

/// The sessions that changed hands.
public struct LeaseChanges: Sendable {
  /// Sessions that another center has now.
  public var lost: [String: SessionHolder] = [:]
  /// Sessions of centers that are gone, which are this one's now, with their tokens.
  public var taken = JournalRecovery()
  /// The addresses of those centers.
  public var gone: [String] = []

  /// No changes.
  public init() {}
}

/// Sessions of a group are another fusion center's by now: nothing of the group is stored. What is left without them may be
/// appended.
public struct SessionsLost: Error, CustomStringConvertible {
  /// The sessions, and whose they are.
  public let holders: [String: SessionHolder]

  /// - Parameter holders: The sessions, at least one, and whose they are.
  public init(_ holders: [String: SessionHolder]) { self.holders = holders }

  public var description: String {
    let first = holders.min { $0.key < $1.key }
    return "another fusion center has taken over \(holders.count) sessions"
      + (first.map { ", such as \"\($0.key)\": \($0.value.address)" } ?? "")
  }
}
