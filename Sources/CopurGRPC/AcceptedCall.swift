internal import CopurHTTP2
internal import GRPCCore
internal import Synchronization

/// A call on its way to the task that handles it.
///
/// A class, as the event loop looks at it several times a message.
final class AcceptedCall: Sendable {
  let descriptor: MethodDescriptor
  let inbound: InboundQueue<RPCRequestPart<[UInt8]>>
  let outbound: OutboundQueue
  let direct: DirectMessages
  let cancellation = CallCancellation()
  let remotePeer: String
  let localPeer: String
  let identity: PeerIdentity
  /// Resets the stream, for a handler that ends without a status.
  let abort: @Sendable () -> Void
  /// Says that the handler of a stream that was closed before it has ended.
  let abandonedWorkEnded: @Sendable () -> Void

  /// The executor that handles it: its connection's event loop.
  let executor: EventLoopExecutor

  init(
    descriptor: MethodDescriptor, inbound: InboundQueue<RPCRequestPart<[UInt8]>>, outbound: OutboundQueue,
    direct: DirectMessages, remotePeer: String, localPeer: String, identity: PeerIdentity,
    abort: @escaping @Sendable () -> Void, abandonedWorkEnded: @escaping @Sendable () -> Void,
    executor: EventLoopExecutor
  ) {
    self.descriptor = descriptor
    self.inbound = inbound
    self.outbound = outbound
    self.direct = direct
    self.remotePeer = remotePeer
    self.localPeer = localPeer
    self.identity = identity
    self.abort = abort
    self.abandonedWorkEnded = abandonedWorkEnded
    self.executor = executor
  }
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
