import CopurFusionCenter
import Synchronization

/// A journal whose sessions a test gives to another center, and takes from it.
final class LeasedJournal: SharedJournal {
  private struct State {
    var tokens: [String: Int64] = [:]
    var others: [String: SessionHolder] = [:]
    var untold = LeaseChanges()
    var blocks: [String: Int] = [:]
    var isAway = false
  }

  private struct Away: Error {}

  private let state = Mutex(State())

  var isDurable: Bool { true }
  var address: String { "here:1" }
  var renewalInterval: Duration { .milliseconds(100) }

  /// The number of blocks of a session that are stored.
  func blocks(in session: String) -> Int { state.withLock { $0.blocks[session] ?? 0 } }

  /// Another center has a session.
  ///
  /// - Parameters:
  ///   - telling: Whether this one is told at its next renewal.
  ///   - isAway: Whether the journal is not reached by the next commit.
  func give(_ session: String, to holder: SessionHolder, telling: Bool = false, isAway: Bool = false) {
    state.withLock { state in
      state.isAway = isAway
      state.tokens[session, default: 0] += 1
      state.others[session] = holder
      if telling { state.untold.lost[session] = holder }
    }
  }

  /// The center that had sessions is gone.
  func hand(over recovery: JournalRecovery, from address: String) {
    state.withLock { state in
      for session in recovery.tokens.keys { state.others[session] = nil }
      state.tokens.merge(recovery.tokens) { $1 }
      state.untold.taken = recovery
      state.untold.gone = [address]
    }
  }

  func recover(remembering rounds: Int) -> JournalRecovery { JournalRecovery() }

  func claim(_ session: String, remembering rounds: Int) -> SessionClaim {
    state.withLock { state in
      if let holder = state.others[session] { return .held(holder) }
      state.tokens[session, default: 0] += 1
      var recovery = JournalRecovery()
      recovery.tokens[session] = state.tokens[session]
      return .granted(recovery)
    }
  }

  func holder(of session: String) -> SessionHolder? { state.withLock { $0.others[session] } }

  func append(_ group: JournalGroup) throws {
    try state.withLock { state in
      if state.isAway {
        state.isAway = false
        throw JournalUnreachable(cause: Away())
      }
      var lost: [String: SessionHolder] = [:]
      for session in group.sessions where group.tokens[session] != state.tokens[session] {
        lost[session] = state.others[session] ?? SessionHolder(address: "here:1", unheard: .zero, lease: .seconds(10))
      }
      guard lost.isEmpty else { throw SessionsLost(lost) }
      for contribution in group.contributions {
        state.blocks[contribution.session, default: 0] += contribution.samples.count
      }
    }
  }

  func renew() -> Bool { state.withLock { !$0.untold.lost.isEmpty || !$0.untold.gone.isEmpty } }

  func reconcile(remembering rounds: Int, takesOver: Bool) -> LeaseChanges {
    state.withLock { state in
      defer { state.untold = LeaseChanges() }
      return state.untold
    }
  }
}
