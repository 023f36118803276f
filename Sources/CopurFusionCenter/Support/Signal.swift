internal import Synchronization

/// A flag that one task waits for; raising it twice before it is seen is raising it once.
final class Signal: Sendable {
  private enum State {
    case lowered
    case raised
    case awaited(CheckedContinuation<Void, Never>)
  }

  private let state = Mutex(State.lowered)

  /// Wakes the waiting task, or lets the next wait pass at once.
  func raise() {
    let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
      if case .awaited(let waiter) = state {
        state = .lowered
        return waiter
      }
      state = .raised
      return nil
    }
    waiter?.resume()
  }

  /// Waits until the flag is raised, and lowers it. Returns early if the task is cancelled.
  func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let passes = state.withLock { state in
          switch state {
          case .raised:
            state = .lowered
            return true
          case .lowered:
            state = .awaited(continuation)
            return false
          case .awaited:
            preconditionFailure("one task waits for a signal")
          }
        }
        if passes { continuation.resume() }
      }
    } onCancel: {
      raise()
    }
  }
}
