internal import CopurHTTP2
internal import GRPCCore
internal import Synchronization

/// A call on its way to the task that handles it.
struct AcceptedCall: Sendable {
  var descriptor: MethodDescriptor
  var inbound: InboundQueue<RPCRequestPart<[UInt8]>>
  var outbound: OutboundQueue
  var direct: DirectMessages
  var cancellation = CallCancellation()
  var remotePeer: String
  var localPeer: String
  var identity: PeerIdentity
  /// Resets the stream, for a handler that ends without a status.
  var abort: @Sendable () -> Void
  /// Says that the handler of a stream that was closed before it has ended.
  var abandonedWorkEnded: @Sendable () -> Void

  /// The executor that handles it: its connection's event loop.
  var executor: EventLoopExecutor
}

/// Brings a cancellation, whenever it comes, to the handle that the handler is given, and knows whether it still runs.
final class CallCancellation: Sendable {
  private enum State {
    case waiting
    case attached(ServerContext.RPCCancellationHandle)
    case cancelled
  }

  private enum Work {
    case going
    case abandoned
    case ended
  }

  private let state = Mutex(State.waiting)
  private let work = Mutex(Work.going)

  /// The stream was closed before the handler was done.
  ///
  /// - Returns: Whether the handler has not ended.
  func streamAbandoned() -> Bool {
    work.withLock { work in
      guard work == .going else { return false }
      work = .abandoned
      return true
    }
  }

  /// The handler has ended.
  ///
  /// - Returns: Whether its stream was closed before that.
  func workEnded() -> Bool {
    work.withLock { work in
      defer { work = .ended }
      return work == .abandoned
    }
  }

  /// Says which handle the handler has.
  func attach(_ handle: ServerContext.RPCCancellationHandle) {
    let isCancelled = state.withLock { state in
      if case .cancelled = state { return true }
      state = .attached(handle)
      return false
    }
    if isCancelled { handle.cancel() }
  }

  /// Tells the handler that its result is not wanted any more.
  func cancel() {
    let handle = state.withLock { state -> ServerContext.RPCCancellationHandle? in
      defer { state = .cancelled }
      if case .attached(let handle) = state { return handle }
      return nil
    }
    handle?.cancel()
  }
}
