public import CopurCore
internal import CopurWire
public import GRPCCore
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// An agent's end of the wire: joins the fusion center, keeps one Contribute stream, and brings every block that it is
/// given to a receipt, across as many connections as that takes.
///
/// ```swift
/// let agent = Agent(configuration: configuration, logger: logger) { try makeTransport() }
/// // While `agent.run()` runs:
/// let tally = try await agent.send(blocks, session: "clean", samplesPerMessage: 1)
/// ```
public final class Agent<Transport: ClientTransport>: BlockSender, Service, Sendable {
  let configuration: AgentConfiguration
  let logger: Logger
  let ledger: ReceiptLedger?
  let clock: any Clock<Duration>
  let connect: @Sendable () async throws -> Transport
  let connectElsewhere: (@Sendable (String) async throws -> Transport)?
  let state: Mutex<AgentState>
  let stopRequested = AsyncStream.makeStream(of: Void.self)

  /// - Parameters:
  ///   - ledger: Where receipts are written down before they count.
  ///   - clock: The clock of the waits.
  ///   - connectElsewhere: Makes a transport to another fusion center of the same journal, by its address HOST:PORT, once the first
  ///     has said that the session is that one's; nil: the agent asks the first again. Called for one attempt; if that fails,
  ///     the first is asked again.
  ///   - connect: Makes a transport to the fusion center; called for each attempt to connect. A ``CopurError`` that it
  ///     throws ends the agent, unless its code is `.unavailable`; anything else is worth another attempt.
  public init(
    configuration: AgentConfiguration, ledger: ReceiptLedger? = nil, clock: any Clock<Duration> = ContinuousClock(),
    logger: Logger, connectElsewhere: (@Sendable (String) async throws -> Transport)? = nil,
    connect: @escaping @Sendable () async throws -> Transport
  ) {
    self.configuration = configuration
    self.ledger = ledger
    self.clock = clock
    self.logger = logger
    self.connect = connect
    self.connectElsewhere = connectElsewhere
    state = Mutex(AgentState(window: SendWindow(limit: configuration.window)))
  }

  public var id: AgentID { configuration.id }

  public var width: Int { configuration.width }

  public func send(
    _ blocks: [OutgoingBlock], session: String, samplesPerMessage: Int
  ) async throws -> ReceiptTally {
    guard !blocks.isEmpty else { return ReceiptTally() }
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isTaken = state.withLock { state in
          // Cancellation before this point is seen here, after it by the handler.
          guard !state.isOver, !Task.isCancelled else { return false }
          state.calls[ticket] = AgentState.Call(outstanding: blocks.count, continuation: continuation)
          state.window.queued(
            blocks.map {
              SendWindow.Block(
                session: session, sample: $0.sample, values: $0.values, ticket: ticket,
                samplesPerMessage: max(1, samplesPerMessage))
            })
          state.writer?.yield()
          return true
        }
        if !isTaken {
          continuation.resume(throwing: Task.isCancelled ? CancellationError() : stoppedError)
        }
      }
    } onCancel: {
      let call = state.withLock { state in
        state.window.withdrawn(ticket: ticket)
        return state.calls.removeValue(forKey: ticket)
      }
      call?.continuation.resume(throwing: CancellationError())
    }
  }

  /// Keeps the agent connected until the surrounding service group shuts down gracefully, ``stop()`` is called or the
  /// task is cancelled; blocks without a receipt have a short time to get one.
  ///
  /// - Throws: ``CopurError`` if the fusion center refuses this agent for a reason that no waiting will change.
  public func run() async throws {
    defer { ended() }
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await self.keepConnected() }
        group.addTask { await self.waitForStop() }
        // Whichever is first: the agent is refused, or has stopped in time, or the time to stop is over.
        try await group.next()
        group.cancelAll()
      }
    } onGracefulShutdown: {
      self.stop()
    }
  }

  /// Sends what there is, waits a short time for its receipts, and ends ``run()``.
  public func stop() {
    state.withLock { state in
      state.isStopping = true
      state.writer?.yield()
    }
    stopRequested.continuation.finish()
  }

  private func waitForStop() async {
    for await _ in stopRequested.stream {}
    // Without a connection there is nobody to wait for.
    guard state.withLock({ $0.writer != nil }) else { return }
    try? await clock.sleep(for: configuration.stopTimeout)
  }

  private func ended() {
    let calls = state.withLock { state in
      state.isOver = true
      defer { state.calls = [:] }
      return Array(state.calls.values)
    }
    for call in calls { call.continuation.resume(throwing: stoppedError) }
  }

  private var stoppedError: CopurError {
    CopurError(.unavailable, "agent \(id) stopped before every block had its receipt")
  }
}
