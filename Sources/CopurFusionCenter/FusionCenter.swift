internal import CopurCore
internal import CopurWire
internal import GRPCCore
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// The fusion center: takes blocks, closes rounds, has them decided, and tells who asked.
///
/// Every event goes through one lock into ``RoundTable``. What follows from it waits in a group for the journal; once
/// the group is committed, its receipts go out. Closed rounds go to the decision worker at once, and their verdicts come
/// back into the same group or a later one. So nothing is said that is not stored, no verdict is stored before its
/// blocks, and everything is said in the order in which it happened.
///
/// ```swift
/// let center = try await FusionCenter(configuration: configuration, journal: MemoryJournal(), logger: logger)
/// let access = AccessControl(identification: .none, logger: logger)
/// let service = FusionCenterService(center, access: access)
/// // Serve `service` on a gRPC transport while `center.run()` runs.
/// ```
public final class FusionCenter: Service, Sendable {
  let configuration: FusionCenterConfiguration
  let logger: Logger
  let journal: any Journal
  /// The journal, if other centers write to it, too.
  let shared: (any SharedJournal)?
  let resumesOpenRounds: Bool
  let time: TimeSource
  let worker = WorkerQueue(label: "copur.decisions")
  /// The counts of its own work.
  public let meters = FusionCenterMeters()
  let state: Mutex<State>
  /// The monitor of what training promised; it watches nothing unless it is told to (``watch(for:)``).
  let drift: Mutex<DriftMonitor>
  /// Wakes the commit loop: a group waits.
  let groupWaits = Signal()
  /// Wakes the decision loop: a round waits.
  let roundWaits = Signal()
  /// Wakes the clock loop: a deadline came up that is before the one it sleeps for.
  let deadlineMoved = Signal()
  /// Wakes ``run()``: nothing is in flight any more.
  let drained = Signal()
  /// Blocks that wait for the journal and rounds that wait for their decision.
  let backlog: BackPressure
  /// Wakes streams that wait for rounds to start or close.
  let roundsMoved = Broadcast()
  /// Wakes the loop that follows sessions: some have changed hands.
  let leaseNews = Signal()
  /// Sessions come and go one after the other.
  let leaseTurns = Turnstile()

  /// - Parameters:
  ///   - journal: Where blocks go before their receipts. Sessions of earlier runs go on.
  ///   - resumesOpenRounds: Whether rounds that an earlier run left open go on, with a new deadline, or are given up.
  ///   - clock: The monotonic clock of the deadlines.
  /// - Throws: What the journal throws.
  public init(
    configuration: FusionCenterConfiguration, journal: any Journal, resumesOpenRounds: Bool = true,
    clock: any Clock<Duration> = ContinuousClock(), logger: Logger
  ) async throws {
    self.configuration = configuration
    self.logger = logger
    self.journal = journal
    shared = journal as? any SharedJournal
    self.resumesOpenRounds = resumesOpenRounds
    time = TimeSource(clock)
    backlog = BackPressure(limit: configuration.limits.backlog)
    state = Mutex(State(configuration: configuration))
    drift = Mutex(DriftMonitor(roster: configuration.roster, alarmLimits: nil, protection: nil))
    if !journal.isDurable {
      logger.warning("no journal: receipts do not outlive this process")
    }
    try await recover()
  }

  /// Goes on where an earlier run ended.
  private func recover() async throws {
    let recovery = try await journal.recover(remembering: configuration.limits.rememberedRounds)
    state.withLock { $0.tokens = recovery.tokens }
    guard !recovery.sessions.isEmpty else { return }
    let (closed, aborted) = state.withLock { state in
      let (closed, aborted) = state.table.resumed(
        recovery, modelVersion: configuration.modelVersion, resumes: resumesOpenRounds, at: time.now)
      state.batcher.closed(closed)
      return (closed.count, aborted)
    }
    backlog.entered(closed)
    if !aborted.isEmpty {
      var group = JournalGroup()
      group.abortions = aborted
      group.tokens = recovery.tokens.filter { token in aborted.contains { $0.session == token.key } }
      try await journal.append(group)
    }
    let abortedCount = aborted.reduce(0) { $0 + $1.samples.count }
    logger.notice(
      "an earlier run's sessions go on",
      metadata: [
        "sessions": "\(recovery.sessions.count)", "resumed": "\(recovery.open.count - abortedCount)",
        "aborted": "\(abortedCount)",
      ])
  }

  /// Whether new sessions, agents and rounds are taken: not while shutting down, nor after the journal has failed.
  /// Nor while the journal's disk is full.
  public var isReady: Bool { state.withLock { $0.refusal == nil } }

  /// Serves until the surrounding service group shuts down gracefully, then finishes what is in flight.
  ///
  /// Rounds that have a block are closed at their deadline at the latest, decided and told. Cancelling the task ends it
  /// at once.
  ///
  /// After a failure of the journal it goes on without taking anything, until it is shut down, and then throws.
  ///
  /// In a service group the fusion center comes after the gRPC server, so that it drains while the server still serves.
  ///
  /// - Throws: ``CopurError`` of code `.io` if the journal has failed.
  public func run() async throws {
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        group.addTask { await self.commitGroups() }
        group.addTask { await self.decideRounds() }
        group.addTask { await self.watchClock() }
        group.addTask { await self.keepLeases() }
        while !Task.isCancelled, !state.withLock({ $0.isDrained }) { await drained.wait() }
        group.cancelAll()
      }
    } onGracefulShutdown: {
      self.beginDraining()
    }
    stopped()
    if case .failed(let error) = state.withLock({ $0.phase }) {
      throw CopurError((error.cause as? CopurError)?.code ?? .io, error.message, cause: error.cause)
    }
    try Task.checkCancellation()
  }

  /// Begins to shut down: no new agent, session or round, and ``run()`` returns once nothing is in flight.
  public func beginDraining() {
    state.withLock { state in
      guard case .serving = state.phase else { return }
      state.phase = .draining
      let closed = state.table.drainBegan(at: time.now)
      state.batcher.closed(closed)
      backlog.entered(closed.count)
    }
    roundWaits.raise()
    deadlineMoved.raise()
    roundsMoved.raise()
    drained.raise()
  }

  /// The loops are over: every stream ends.
  private func stopped() {
    let (outboxes, feeds) = state.withLock { state in
      if case .failed = state.phase {} else { state.phase = .stopped }
      return (Array(state.outboxes.values), Array(state.feeds.values))
    }
    let error = RPCError(code: .unavailable, message: "the fusion center has shut down")
    for outbox in outboxes { outbox.close(error) }
    for feed in feeds { feed.close(error) }
    backlog.lifted()
    roundsMoved.raise()
  }
}
