internal import GRPCCore
internal import Synchronization

/// The parts of a call on their way from the event loop to the task that handles the call.
///
/// The task takes all that has come at once, so that many small messages cost one hop. The event loop learns when too
/// much is waiting, and the task tells it when that is over: the peer's window does the rest.
final class InboundQueue<Element: Sendable>: Sendable {
  /// Above this many bytes waiting, the peer gets no more credit.
  private static var highWatermark: Int { 256 << 10 }

  private typealias Waiter = UnsafeContinuation<[Element]?, any Error>

  private enum End {
    case finished
    case failed(RPCError)
  }

  private struct State {
    var elements: [Element] = []
    var bytes = 0
    var isHolding = false
    var isCancelled = false
    var end: End?
    // Unsafe for speed: it is resumed by whoever takes it out of here under the lock, so exactly once.
    var waiter: Waiter?
  }

  private let state = Mutex(State())
  private let release: @Sendable () -> Void

  /// Creates a queue.
  ///
  /// - Parameter release: Called, from the task, when the peer may get credit again.
  init(release: @escaping @Sendable () -> Void) {
    self.release = release
  }

  // MARK: - For the event loop

  /// Adds parts.
  ///
  /// - Parameters:
  ///   - elements: The parts.
  ///   - bytes: How much memory they take, about.
  func push(_ elements: [Element], bytes: Int) {
    let waiter = state.withLock { state -> Waiter? in
      guard state.end == nil else { return nil }
      if let waiter = state.waiter {
        state.waiter = nil
        return waiter
      }
      state.elements.append(contentsOf: elements)
      state.bytes += bytes
      if state.bytes > Self.highWatermark { state.isHolding = true }
      return nil
    }
    waiter?.resume(returning: elements)
  }

  /// Whether the peer gets no credit now; if so, `release` will be called.
  var isHolding: Bool {
    state.withLock { $0.isHolding }
  }

  /// Says that no more parts come. The first end counts.
  func finish(throwing error: RPCError? = nil) {
    let waiter = state.withLock { state -> Waiter? in
      guard state.end == nil else { return nil }
      state.end = error.map { .failed($0) } ?? .finished
      defer { state.waiter = nil }
      return state.waiter
    }
    if let error { waiter?.resume(throwing: error) } else { waiter?.resume(returning: nil) }
  }

  // MARK: - For the task

  /// Takes what has come, waiting for it if need be; `nil` at the end.
  fileprivate func take(isolation: isolated (any Actor)?) async throws -> [Element]? {
    if let result = takeNow() { return try result.get() }
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        let (result, mayRelease) = state.withLock { state in
          let next = Self.next(&state)
          if next.result == nil { state.waiter = continuation }
          return next
        }
        if mayRelease { release() }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        state.isCancelled = true
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume(throwing: RPCError.taskCancelled)
    }
  }

  private func takeNow() -> Result<[Element]?, any Error>? {
    let (result, mayRelease) = state.withLock { Self.next(&$0) }
    if mayRelease { release() }
    return result
  }

  /// Takes what is there, if anything, and says whether the peer may get credit again.
  private static func next(_ state: inout State) -> (result: Result<[Element]?, any Error>?, mayRelease: Bool) {
    if !state.elements.isEmpty {
      let next = (Result<[Element]?, any Error>.success(state.elements), state.isHolding)
      state.elements = []
      state.bytes = 0
      state.isHolding = false
      return next
    }
    switch state.end {
    case .finished: return (.success(nil), false)
    case .failed(let error): return (.failure(error), false)
    case nil: return (state.isCancelled ? .failure(RPCError.taskCancelled) : nil, false)
    }
  }
}

extension InboundQueue: AsyncSequence {
  func makeAsyncIterator() -> Iterator {
    Iterator(queue: self)
  }

  struct Iterator: AsyncIteratorProtocol {
    private let queue: InboundQueue
    private var taken: [Element] = []
    private var index = 0

    init(queue: InboundQueue) {
      self.queue = queue
    }

    mutating func next() async throws -> Element? {
      try await next(isolation: nil)
    }

    mutating func next(isolation: isolated (any Actor)?) async throws -> Element? {
      if index == taken.count {
        taken = []
        index = 0
        guard let elements = try await queue.take(isolation: isolation) else { return nil }
        taken = elements
      }
      defer { index += 1 }
      return taken[index]
    }
  }
}
