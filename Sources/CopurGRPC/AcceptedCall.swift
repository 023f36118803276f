internal import CopurHTTP2
internal import GRPCCore
internal import Synchronization

/// A call on its way to the task that handles it.
struct AcceptedCall: Sendable {
  var descriptor: MethodDescriptor
  var inbound: InboundQueue<RPCRequestPart<[UInt8]>>
  var outbound: OutboundQueue
  var cancellation = CallCancellation()
  var remotePeer: String
  var localPeer: String
  var identity: PeerIdentity
  /// Resets the stream, for a handler that ends without a status.
  var abort: @Sendable () -> Void

  /// Where it is handled: on its connection's event loop.
  var executor: EventLoopExecutor
}

/// Brings a cancellation, whenever it comes, to the handle that the handler is given.
final class CallCancellation: Sendable {
  private enum State {
    case waiting
    case attached(ServerContext.RPCCancellationHandle)
    case cancelled
  }

  private let state = Mutex(State.waiting)

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
