internal import CopurCore
internal import DequeModule
public import Foundation
internal import Synchronization

/// Decided rounds on their way to someone in this process who looks now and then.
///
/// Whoever looks too seldom loses the oldest rounds, and is told how many: a watcher never holds the service up.
public final class RoundFeed: Sendable {
  private struct State {
    /// Each with the time at which its verdict was stored.
    var rounds = Deque<(round: DecidedRound, time: Date)>()
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
    let time = Date.now
    state.withLock { state in
      for round in rounds { state.rounds.append((round, time)) }
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
    let (rounds, lost) = takenWithTimes()
    return (rounds.map(\.round), lost)
  }

  /// Takes what has come since the last time, each round with the time at which its verdict was stored.
  public func takenWithTimes() -> (rounds: [(round: DecidedRound, time: Date)], lost: Int) {
    state.withLock { state in
      defer { (state.rounds, state.lost) = ([], 0) }
      return (Array(state.rounds), state.lost)
    }
  }
}
