internal import CopurWire
internal import Synchronization

/// One answer from each of several agents, waited for together: whoever waits wakes up once, for the last one.
final class Answers: Sendable {
  /// An answer as it has come.
  enum Content: Sendable {
    /// To a step, in single precision.
    case step(StepAnswer)
    case message(Copur_V1_TrainRequest.OneOf_Content)
  }

  private struct State {
    var contents: [Content?]
    var missing: Int
    var error: (any Error)?
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state: Mutex<State>

  init(count: Int) { state = Mutex(State(contents: Array(repeating: nil, count: count), missing: count)) }

  func arrived(_ content: Content, at place: Int) {
    let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
      guard state.contents[place] == nil else { return nil }
      state.contents[place] = content
      state.missing -= 1
      guard state.missing == 0 else { return nil }
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  func failed(_ error: any Error) {
    let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
      state.error = state.error ?? error
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  /// The answers, in the order of their places.
  ///
  /// - Throws: What one of them failed with; `CancellationError`.
  func all() async throws -> [Content] {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if state.missing == 0 || state.error != nil { return true }
          state.waiter = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      failed(CancellationError())
    }
    return try state.withLock { state in
      if let error = state.error { throw error }
      return state.contents.compactMap { $0 }
    }
  }
}
