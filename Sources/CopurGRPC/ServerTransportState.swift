internal import GRPCCore
internal import NIOCore

/// The state of a server transport. Events come in, actions go out; nothing here touches a socket.
struct ServerTransportState {
  typealias AddressWaiter = CheckedContinuation<ListeningAddress, any Error>

  enum Action {
    /// Lets a connection's calls end, then closes it; stops a listener.
    case quiesce(any Channel)
    case close(any Channel)
    case report([AddressWaiter], Result<ListeningAddress, any Error>)
    case cancelCalls([CallCancellation])
    /// No more calls will come.
    case finish(AsyncStream<AcceptedCall>.Continuation)
  }

  private enum Phase {
    case idle
    case binding
    case listening(any Channel, ListeningAddress)
    case stopping
    case failed(any Error)
  }

  private var phase = Phase.idle
  private var waiters: [AddressWaiter] = []
  private var connections: [ObjectIdentifier: any Channel] = [:]
  private var calls: [ObjectIdentifier: CallCancellation] = [:]
  private var accepted: AsyncStream<AcceptedCall>.Continuation?
  private var isListenerOpen = false

  /// Returns the answer if it is known, `nil` if the waiter is told later.
  mutating func addressWanted(_ waiter: AddressWaiter) -> Result<ListeningAddress, any Error>? {
    switch phase {
    case .idle, .binding:
      waiters.append(waiter)
      return nil
    case .listening(_, let address):
      return .success(address)
    case .stopping:
      return .failure(Self.stopped)
    case .failed(let error):
      return .failure(error)
    }
  }

  /// Returns whether to listen; not if the shutdown began before.
  mutating func listenCalled(_ accepted: AsyncStream<AcceptedCall>.Continuation) throws -> Bool {
    switch phase {
    case .idle:
      phase = .binding
      self.accepted = accepted
      return true
    case .stopping:
      return false
    case .binding, .listening, .failed:
      throw RPCError(code: .failedPrecondition, message: "a server transport can listen only once")
    }
  }

  mutating func listeningFailed(_ error: any Error) -> [AddressWaiter] {
    phase = .failed(error)
    defer { waiters = [] }
    return waiters
  }

  mutating func listening(_ listener: any Channel) -> [Action] {
    isListenerOpen = true
    guard case .binding = phase, let address = listener.localAddress, let host = address.ipAddress,
      let port = address.port
    else {
      // The shutdown began while the socket was being bound.
      isListenerOpen = false
      return [.close(listener)] + finishIfDone()
    }
    let listening = ListeningAddress(host: host, port: port)
    phase = .listening(listener, listening)
    defer { waiters = [] }
    return [.report(waiters, .success(listening))]
  }

  mutating func connectionOpened(_ channel: any Channel) -> [Action] {
    connections[ObjectIdentifier(channel)] = channel
    if case .stopping = phase { return [.close(channel)] }
    return []
  }

  mutating func connectionClosed(_ channel: any Channel) -> [Action] {
    connections.removeValue(forKey: ObjectIdentifier(channel))
    return finishIfDone()
  }

  /// Returns whether the shutdown has begun.
  mutating func callBegan(_ id: ObjectIdentifier, _ cancellation: CallCancellation) -> Bool {
    calls[id] = cancellation
    if case .stopping = phase { return true }
    return false
  }

  mutating func callEnded(_ id: ObjectIdentifier) {
    calls.removeValue(forKey: id)
  }

  mutating func shutdownBegan() -> [Action] {
    stop { .quiesce($0) }
  }

  mutating func cancelled() -> [Action] {
    stop { .close($0) }
  }

  private mutating func stop(_ action: (any Channel) -> Action) -> [Action] {
    var actions: [Action] = []
    switch phase {
    case .listening(let listener, _):
      isListenerOpen = false
      actions.append(.close(listener))
    case .idle, .binding:
      actions.append(.report(waiters, .failure(Self.stopped)))
      waiters = []
    case .stopping:
      break
    case .failed:
      return []
    }
    phase = .stopping
    return actions + connections.values.map(action) + [.cancelCalls(Array(calls.values))] + finishIfDone()
  }

  private mutating func finishIfDone() -> [Action] {
    guard case .stopping = phase, !isListenerOpen, connections.isEmpty, let accepted else { return [] }
    self.accepted = nil
    return [.finish(accepted)]
  }

  private static var stopped: RPCError {
    RPCError(code: .failedPrecondition, message: "the server has stopped and listens nowhere")
  }
}
