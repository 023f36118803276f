internal import DequeModule
internal import Synchronization

/// A gate that one task at a time is behind, in the order in which they came.
final class Turnstile: Sendable {
  private struct State {
    var isTaken = false
    var waiting = Deque<CheckedContinuation<Void, Never>>()
  }

  private let state = Mutex(State())

  /// Does work that nothing else here overlaps with; waits for its turn, also if the task is cancelled meanwhile.
  func pass<Result>(
    isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Result
  ) async rethrows -> Result {
    await enter()
    defer { leave() }
    return try await work()
  }

  private func enter() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.isTaken {
          state.waiting.append(continuation)
          return false
        }
        state.isTaken = true
        return true
      }
      if isFree { continuation.resume() }
    }
  }

  private func leave() {
    // The next one has the turn at once: nobody slips in between.
    let next = state.withLock { state in
      let next = state.waiting.popFirst()
      if next == nil { state.isTaken = false }
      return next
    }
    next?.resume()
  }
}
