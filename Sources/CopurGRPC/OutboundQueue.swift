internal import CopurHTTP2
internal import GRPCCore
internal import NIOCore
internal import Synchronization

/// Messages that a call has to send, on their way from the task that handles the call to the event loop.
///
/// Messages are framed into one buffer as they are written, and the event loop takes all of it at once. A writer that
/// is faster than the peer reads waits.
final class OutboundQueue: Sendable {
  private typealias Waiter = UnsafeContinuation<Void, any Error>

  private struct State {
    var head: [HTTP2Header]?
    var data = ByteBuffer()
    var end: HTTP2Outbound.End?
    /// Whether the event loop has been woken and has not run out of things to send since.
    var isAwake = false
    var closed: RPCError?
    var lastWaiter: UInt64 = 0
    // Unsafe for speed: each is resumed by whoever takes it out of here under the lock, so exactly once.
    var waiters: [UInt64: Waiter] = [:]

    mutating func takeWaiters() -> [Waiter] {
      defer { waiters.removeAll() }
      return Array(waiters.values)
    }
  }

  private let state = Mutex(State())
  private let maximumMessageBytes: Int
  private let budget: OutboundBudget
  private let isStreaming: Bool
  private let wake: @Sendable () -> Void

  /// Creates a queue.
  ///
  /// - Parameters:
  ///   - maximumMessageBytes: How long a message may be.
  ///   - budget: How many bytes may wait before writers wait.
  ///   - isStreaming: Whether headers and messages are sent as they are written. If not, there is one message, and
  ///     all goes out together.
  ///   - wake: Called, from a task, when there is something to send and the event loop does not know.
  init(maximumMessageBytes: Int, budget: OutboundBudget, isStreaming: Bool, wake: @escaping @Sendable () -> Void) {
    self.maximumMessageBytes = maximumMessageBytes
    self.budget = budget
    self.isStreaming = isStreaming
    self.wake = wake
  }

  // MARK: - For the task

  /// Sends the headers.
  func write(head: [HTTP2Header]) throws(RPCError) {
    try update { state throws(RPCError) in
      guard state.head == nil else {
        throw RPCError(code: .internalError, message: "metadata can be written only once")
      }
      state.head = head
      return isStreaming
    }
  }

  /// Sends messages, waiting if the peer does not keep up.
  func write(messages: some Sequence<[UInt8]>) async throws {
    var mustWait = false
    try update { state throws(RPCError) in
      for message in messages {
        try GRPCMessageFramer.frame(message, into: &state.data, maximumMessageBytes: maximumMessageBytes)
      }
      mustWait = state.data.readableBytes > budget.share
      return isStreaming || mustWait
    }
    if mustWait { try await waitForRoom() }
  }

  /// Sends a message, whether or not the peer keeps up.
  func write(atOnce message: [UInt8]) throws(RPCError) {
    try update { state throws(RPCError) in
      try GRPCMessageFramer.frame(message, into: &state.data, maximumMessageBytes: maximumMessageBytes)
      return isStreaming
    }
  }

  /// Sends the end. Nothing can be written after it.
  func write(end: HTTP2Outbound.End) throws(RPCError) {
    try update { state throws(RPCError) in
      state.end = end
      return true
    }
  }

  private func update(_ body: (inout State) throws(RPCError) -> Bool) throws(RPCError) {
    let mustWake = try state.withLock { (state) throws(RPCError) in
      if let error = state.closed { throw error }
      guard state.end == nil else {
        throw RPCError(code: .internalError, message: "nothing can be written after the end")
      }
      guard try body(&state), !state.isAwake else { return false }
      state.isAwake = true
      return true
    }
    if mustWake { wake() }
  }

  private func waitForRoom() async throws {
    let id = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { (continuation: Waiter) in
        let result = state.withLock { state -> Result<Void, any Error>? in
          if let error = state.closed { return .failure(error) }
          if Task.isCancelled { return .failure(RPCError.taskCancelled) }
          if state.data.readableBytes <= budget.share { return .success(()) }
          state.waiters[id] = continuation
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
      waiter?.resume(throwing: RPCError.taskCancelled)
    }
  }

  // MARK: - For the event loop

  /// The part of a stream that comes before the data.
  enum Head {
    /// The headers are not written yet.
    case none
    /// These headers.
    case headers([HTTP2Header])
    /// No headers and no data, only an end.
    case endOnly(HTTP2Outbound.End)
  }

  /// Takes the headers; called until they have come.
  func takeHead() -> Head {
    state.withLock { state in
      if let head = state.head { return .headers(head) }
      if let end = state.end { return .endOnly(end) }
      state.isAwake = false
      return .none
    }
  }

  /// Takes all data that waits.
  func takeData() -> HTTP2Outbound {
    let (outbound, waiters) = state.withLock { state -> (HTTP2Outbound, [Waiter]) in
      guard state.data.readableBytes > 0 || state.end != nil else {
        state.isAwake = false
        return (.later, [])
      }
      defer { state.data = ByteBuffer() }
      return (.chunk(state.data, end: state.end), state.waiters.isEmpty ? [] : state.takeWaiters())
    }
    for waiter in waiters { waiter.resume() }
    return outbound
  }

  /// Takes no more writes; data that waits is dropped.
  ///
  /// - Parameters:
  ///   - error: What writers get.
  ///   - end: What is sent instead, if anything still can be.
  func close(_ error: RPCError, end: HTTP2Outbound.End? = nil) {
    let waiters = state.withLock { state -> [Waiter] in
      guard state.closed == nil else { return [] }
      state.closed = error
      state.data = ByteBuffer()
      if let end { state.end = end }
      return state.takeWaiters()
    }
    for waiter in waiters { waiter.resume(throwing: error) }
  }
}
