internal import Synchronization

/// A count of work that waits, and callers that wait while it is at its limit.
final class BackPressure: Sendable {
  private struct State {
    var count = 0
    var isLifted = false
    var nextWaiter: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]

    mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
      defer { waiters = [:] }
      return Array(waiters.values)
    }
  }

  private let limit: Int
  private let state = Mutex(State())

  /// - Parameter limit: How much work may wait before callers do; at least 1.
  init(limit: Int) { self.limit = limit }

  /// The amount of work that waits.
  var waiting: Int { state.withLock { $0.count } }

  /// Work began to wait.
  func entered(_ amount: Int) {
    guard amount != 0 else { return }
    state.withLock { $0.count += amount }
  }

  /// Work is done.
  func left(_ amount: Int) {
    guard amount != 0 else { return }
    let waiters = state.withLock { state in
      state.count -= amount
      return state.count < limit ? state.takeWaiters() : []
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Callers do not wait any more, now or later.
  func lifted() {
    let waiters = state.withLock { state in
      state.isLifted = true
      return state.takeWaiters()
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Waits while the count is at the limit. Returns early if the task is cancelled.
  func waitForRoom() async {
    let waiter: UInt64? = state.withLock { state in
      guard state.count >= limit, !state.isLifted else { return nil }
      state.nextWaiter += 1
      return state.nextWaiter
    }
    guard let waiter else { return }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let hasRoom = state.withLock { state in
          // Cancellation before this point is seen here, after it by the handler.
          if state.count < limit || state.isLifted || Task.isCancelled { return true }
          state.waiters[waiter] = continuation
          return false
        }
        if hasRoom { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
    }
  }
}
