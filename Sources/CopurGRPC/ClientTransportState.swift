internal import CopurTLS
internal import GRPCCore
internal import NIOCore

/// The state of a client transport. Events come in, actions go out; nothing here touches a socket.
struct ClientTransportState {
  typealias StreamWaiter = CheckedContinuation<ClientConnection, any Error>
  typealias Finished = AsyncStream<Never>.Continuation

  enum Action {
    case connect(id: UInt64)
    /// Calls `backoffElapsed` after a while.
    case backOff(failures: Int)
    case resume([StreamWaiter], Result<ClientConnection, any Error>)
    /// Closes connections when their streams have ended.
    case quiesce([any Channel])
    case close([any Channel])
    case finish(Finished)
  }

  enum StreamAnswer {
    case use(ClientConnection)
    /// The waiter is resumed later.
    case wait([Action])
    case fail(RPCError)
  }

  private enum Phase {
    case notStarted
    case idle
    case connecting(id: UInt64)
    case ready(ClientConnection)
    case backingOff(RPCError)
    case stopping
  }

  private struct Waiting {
    var id: UInt64
    var waitsForReady: Bool
    var waiter: StreamWaiter
  }

  private var phase = Phase.notStarted
  private var failures = 0
  private var lastID: UInt64 = 0
  private var waiting: [Waiting] = []
  private var cancelledWaiters: Set<UInt64> = []
  private var channels: [UInt64: any Channel] = [:]
  private var openStreams = 0
  private var finished: Finished?

  // MARK: - Events of the application

  mutating func connectCalled(_ finished: Finished) throws(RPCError) -> [Action] {
    switch phase {
    case .notStarted:
      self.finished = finished
      return [beginConnecting()]
    case .stopping where self.finished == nil && channels.isEmpty:
      return [.finish(finished)]
    default:
      throw RPCError(code: .failedPrecondition, message: "a client transport can connect only once")
    }
  }

  /// A call begins, if there is a connection that can carry it.
  mutating func streamWanted() -> ClientConnection? {
    guard case .ready(let connection) = phase else { return nil }
    openStreams += 1
    return connection
  }

  /// A number by which a waiting call can be cancelled.
  mutating func nextID() -> UInt64 {
    lastID += 1
    return lastID
  }

  /// A call begins, and waits for a connection if there is none.
  mutating func streamWanted(id: UInt64, waitsForReady: Bool, waiter: StreamWaiter) -> StreamAnswer {
    if cancelledWaiters.remove(id) != nil { return .fail(.taskCancelled) }
    var actions: [Action] = []
    switch phase {
    case .ready(let connection):
      openStreams += 1
      return .use(connection)
    case .stopping:
      return .fail(Self.stopped)
    case .backingOff(let error) where !waitsForReady:
      return .fail(error)
    case .idle:
      actions.append(beginConnecting())
    case .notStarted, .connecting, .backingOff:
      break
    }
    waiting.append(Waiting(id: id, waitsForReady: waitsForReady, waiter: waiter))
    return .wait(actions)
  }

  mutating func waiterCancelled(id: UInt64) -> [Action] {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else {
      // The cancellation came before the waiter.
      cancelledWaiters.insert(id)
      return []
    }
    return [.resume([waiting.remove(at: index).waiter], .failure(RPCError.taskCancelled))]
  }

  /// The wait is over, so that a cancellation cannot come any more.
  mutating func waiterDone(id: UInt64) {
    cancelledWaiters.remove(id)
  }

  mutating func streamFinished() -> [Action] {
    openStreams -= 1
    guard case .stopping = phase, openStreams == 0 else { return [] }
    return [.quiesce(Array(channels.values))]
  }

  mutating func shutdownBegan() -> [Action] {
    if case .stopping = phase { return [] }
    phase = .stopping
    return failWaiting(Self.stopped) + (openStreams == 0 ? [.quiesce(Array(channels.values))] : []) + finishIfDone()
  }

  mutating func cancelled() -> [Action] {
    phase = .stopping
    return failWaiting(Self.stopped) + [.close(Array(channels.values))] + finishIfDone()
  }

  // MARK: - Events of connections

  /// A connection has a socket, which is closed if it is not wanted any more.
  mutating func channelMade(id: UInt64, _ channel: any Channel) -> [Action] {
    channels[id] = channel
    if case .stopping = phase { return [.close([channel])] }
    return []
  }

  mutating func ready(_ connection: ClientConnection) -> [Action] {
    guard case .connecting(connection.id) = phase else { return [] }
    phase = .ready(connection)
    failures = 0
    defer { waiting = [] }
    openStreams += waiting.count
    return [.resume(waiting.map(\.waiter), .success(connection))]
  }

  mutating func draining(id: UInt64) {
    if case .ready(let connection) = phase, connection.id == id { phase = .idle }
  }

  /// A connection is closed, or could not be made.
  mutating func closed(id: UInt64, _ error: (any Error)?) -> [Action] {
    channels.removeValue(forKey: id)
    switch phase {
    case .connecting(id):
      failures += 1
      // Unavailable is worth another attempt; a certificate that is refused stays so until somebody changes it.
      let isRefused = (error as? TLSError)?.refusesCertificate == true
      let failure = RPCError(
        code: isRefused ? .unauthenticated : .unavailable, message: "cannot connect to the server", cause: error)
      phase = .backingOff(failure)
      return failWaiting(failure, evenIfWaitingForReady: false) + [.backOff(failures: failures)]
    case .ready(let connection) where connection.id == id:
      // The next call connects again.
      phase = .idle
      return []
    case .stopping:
      return finishIfDone()
    case .notStarted, .idle, .connecting, .ready, .backingOff:
      return []
    }
  }

  mutating func backoffElapsed() -> [Action] {
    guard case .backingOff = phase else { return [] }
    guard waiting.isEmpty else { return [beginConnecting()] }
    phase = .idle
    return []
  }

  private mutating func beginConnecting() -> Action {
    let id = nextID()
    phase = .connecting(id: id)
    return .connect(id: id)
  }

  private mutating func failWaiting(_ error: RPCError, evenIfWaitingForReady: Bool = true) -> [Action] {
    let failing = waiting.filter { evenIfWaitingForReady || !$0.waitsForReady }
    waiting.removeAll { evenIfWaitingForReady || !$0.waitsForReady }
    return [.resume(failing.map(\.waiter), .failure(error))]
  }

  private mutating func finishIfDone() -> [Action] {
    guard channels.isEmpty, let finished else { return [] }
    self.finished = nil
    return [.finish(finished)]
  }

  private static var stopped: RPCError {
    RPCError(code: .failedPrecondition, message: "the client transport is closed")
  }
}
