internal import DequeModule

/// Closed rounds that wait for the decision worker; gathers those of one defence into batches.
///
/// Whatever is ready when the worker is free is decided together: a lone round waits for nothing, and under load
/// batches grow by themselves.
package struct Batcher {
  /// Rounds of one defence, in the order of their closing.
  package struct Batch: Sendable {
    package let defense: Int
    package let rounds: [ClosedRound]
  }

  private let maximum: Int
  private var ready: [Deque<ClosedRound>]
  /// The defences with rounds ready, the one that is served next first.
  private var turns = Deque<Int>()
  /// The number of rounds that wait.
  package private(set) var count = 0

  /// - Parameters:
  ///   - defenses: How many defences there are.
  ///   - maximum: The most rounds a batch, at least 1.
  package init(defenses: Int, maximum: Int) {
    self.maximum = maximum
    ready = [Deque<ClosedRound>](repeating: Deque(), count: defenses)
  }

  /// A round has closed.
  package mutating func closed(_ round: ClosedRound) {
    if ready[round.defense].isEmpty { turns.append(round.defense) }
    ready[round.defense].append(round)
    count += 1
  }

  /// Rounds have closed, in this order.
  package mutating func closed(_ rounds: [ClosedRound]) { for round in rounds { closed(round) } }

  /// The rounds of sessions are not to be decided here.
  ///
  /// - Returns: How many did wait.
  package mutating func dropped(sessions: Set<String>) -> Int {
    let before = count
    for defense in ready.indices where ready[defense].contains(where: { sessions.contains($0.session) }) {
      ready[defense].removeAll { sessions.contains($0.session) }
      if ready[defense].isEmpty { turns.removeAll { $0 == defense } }
    }
    count = ready.reduce(0) { $0 + $1.count }
    return before - count
  }

  /// The worker is free.
  ///
  /// - Returns: What to decide next; nil if nothing waits. Each session's rounds come in the order of their closing,
  ///   and defences take turns.
  package mutating func workerBecameFree() -> Batch? {
    guard let defense = turns.popFirst() else { return nil }
    var rounds: [ClosedRound] = []
    while rounds.count < maximum, let round = ready[defense].popFirst() { rounds.append(round) }
    count -= rounds.count
    if !ready[defense].isEmpty { turns.append(defense) }
    return Batch(defense: defense, rounds: rounds)
  }
}
