internal import CopurCore
internal import DequeModule
internal import Synchronization

/// Decided rounds on their way to someone in this process who looks now and then.
///
/// Whoever looks too seldom loses the oldest rounds, and is told how many: a watcher never holds the service up.
public final class RoundFeed: Sendable {
  private struct State {
    var rounds = Deque<DecidedRound>()
    var lost = 0
  }

  private let limit: Int
  private let state = Mutex(State())

  /// - Parameter limit: The most rounds that are kept, at least 1.
  package init(limit: Int) {
    precondition(limit >= 1)
    self.limit = limit
  }

  /// Rounds were decided, and the decisions stored.
  package func deliver(_ rounds: [DecidedRound]) {
    state.withLock { state in
      for round in rounds { state.rounds.append(round) }
      while state.rounds.count > limit {
        _ = state.rounds.popFirst()
        state.lost += 1
      }
    }
  }

  /// Takes what has come since the last time.
  ///
  /// - Returns: The rounds in the order in which they were decided, and how many before them were lost.
  public func taken() -> (rounds: [DecidedRound], lost: Int) {
    state.withLock { state in
      var rounds: [DecidedRound] = []
      rounds.reserveCapacity(state.rounds.count)
      while let round = state.rounds.popFirst() { rounds.append(round) }
      defer { state.lost = 0 }
      return (rounds, state.lost)
    }
  }
}
