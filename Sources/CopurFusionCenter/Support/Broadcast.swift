internal import Synchronization

/// A sign that many tasks may wait for, each from a moment of its own on.
final class Broadcast: Sendable {
  private struct State {
    var raised: UInt64 = 0
    var nextWaiter: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  /// The moment now: to be taken before it is looked for what is then waited for.
  var moment: UInt64 { state.withLock { $0.raised } }

  /// Wakes everybody who waits.
  func raise() {
    let waiters = state.withLock { state in
      state.raised += 1
      guard !state.waiters.isEmpty else { return [CheckedContinuation<Void, Never>]() }
      defer { state.waiters = [:] }
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Waits until it was raised after a moment. Returns early if the task is cancelled.
  func wait(after moment: UInt64) async {
    let waiter = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let passes = state.withLock { state in
          // Cancellation before this point is seen here, after it by the handler.
          if state.raised != moment || Task.isCancelled { return true }
          state.waiters[waiter] = continuation
          return false
        }
        if passes { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
    }
  }
}
